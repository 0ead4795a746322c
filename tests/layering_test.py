#!/usr/bin/env python3
"""Which folder may include what: greps every #include and fails on a backward arrow.

Checks the checker on made-up trees, then the tree that it stands in. The rules are the tables below.
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The way of the data (docs/architecture.md): a room may include itself and these. tests/ may include everything.
MAY_INCLUDE = {
    "rpc": set(),
    "store/event": set(),
    "client": {"store/event"},
    "store": {"store/event"},
    "orchestrator": {"rpc", "client", "store", "store/event"},
    "competition": set(),
}
ANYTHING = {"tests"}

# Folders within a room that the rest of the room must not know: who may include them, beside tests. What they may
# include themselves is what their room may.
FENCED = {
    "orchestrator/control": {"orchestrator/daemon", "orchestrator/commands", "orchestrator/main.cpp"},
    "orchestrator/daemon": {"orchestrator/commands", "orchestrator/main.cpp"},
    "orchestrator/exports": {"orchestrator/commands", "orchestrator/command_line"},
}

# Third-party headers by the beginning of their name, and the folders that may know them. In the headers of a room
# or a fenced folder that others can reach, only PUBLIC_THIRD_PARTY may appear, so that nobody compiles against
# RocksDB or websocketpp but the folder that wraps it.
THIRD_PARTY = {
    "rocksdb/": {"store"},
    "websocketpp/": {"client", "orchestrator/control", "competition"},
    "asio": {"client", "orchestrator/control", "competition"},
    "curl/": {"rpc"},
    "zlib.h": {"orchestrator/exports"},
    "zstd.h": {"orchestrator/exports"},
    "liburing": {"client"},
    "tinyxml2": {"rpc"},
    "CLI/": {"orchestrator"},
    "catch2/": set(),
}
PUBLIC_THIRD_PARTY = ("tl/", "nlohmann/json_fwd.hpp")
ANY_THIRD_PARTY = tuple(THIRD_PARTY) + ("tl/", "nlohmann/", "fmt/", "spdlog/", "xxhash")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def room_of(path):
    """The room of a project-relative path, or None: "store/event/block.hpp" is in "store/event"."""
    rooms = [room for room in (*MAY_INCLUDE, *ANYTHING) if is_in(path, room)]
    return max(rooms, key=len, default=None)


def is_in(path, place):
    """Whether a path is that file or in that folder."""
    return path == place or path.startswith(place + "/")


def fence_of(path):
    """The fenced folder that a path is in, or None."""
    return next((folder for folder in FENCED if is_in(path, folder)), None)


class Tree:
    """Sources by project-relative path, and what they include."""

    def __init__(self, sources):
        self.first_lines = {}
        self.includes = {}  # path -> [(name, is_quoted)]
        for path, text in sources.items():
            text = COMMENT.sub("", text)
            self.first_lines[path] = next((line.strip() for line in text.splitlines() if line.strip()), "")
            self.includes[path] = [(name, quote == '"') for quote, name in INCLUDE.findall(text)]

    def reached(self, path):
        """The path and every file of ours that it includes, directly or not."""
        seen, todo = set(), [path]
        while todo:
            current = todo.pop()
            if current not in seen:
                seen.add(current)
                todo += [name for name, _ in self.includes[current] if name in self.includes]
        return seen

    def problems(self):
        """Sentences, one for each broken rule."""
        found = []
        for path in sorted(self.includes):
            room = room_of(path)
            if room is None:
                found.append(f"{path}: this folder is no room that tests/layering_test.py knows")
                continue
            if path.endswith(".hpp") and self.first_lines[path] != "#pragma once":
                found.append(f"{path}: a header begins with #pragma once")
            for name, is_quoted in self.includes[path]:
                found += self.problems_of_include(path, room, name, is_quoted)
        return found

    def problems_of_include(self, path, room, name, is_quoted):
        if name in self.includes:
            if not is_quoted:
                yield f'{path}: our own files are included as "{name}"'
            other, fence = room_of(name), fence_of(name)
            is_over_fence = fence is not None and fence != fence_of(path)
            if room not in ANYTHING and (other != room or is_over_fence):
                if other not in {room, *MAY_INCLUDE[room]}:
                    yield f"{path}: a backward arrow: {room} must not include {name}"
                elif is_over_fence and not any(is_in(path, place) for place in FENCED[fence]):
                    yield f"{path}: only {', '.join(sorted(FENCED[fence]))} may include {name}"
                yield from self.third_party_behind(path, name, within_room=other == room)
        elif is_quoted:
            # A test's or a contestant's own header may stand beside it.
            is_beside = str(Path(path).parent / name) in self.includes
            if not is_beside or room not in ANYTHING | {"competition"}:
                yield f'{path}: "{name}" is no file of ours (names are relative to the project)'
        elif room not in ANYTHING:
            for prefix, folders in THIRD_PARTY.items():
                if name.startswith(prefix) and not any(is_in(path, folder) for folder in folders):
                    yield f"{path}: <{name}> may be included only in: {', '.join(sorted(folders)) or 'tests'}"

    def third_party_behind(self, path, header, within_room):
        # Over a fence within one room only what is kept to folders counts: the room's own headers may have JSON.
        forbidden = tuple(THIRD_PARTY) if within_room else ANY_THIRD_PARTY
        for reached in sorted(self.reached(header)):
            for name, is_quoted in self.includes[reached]:
                if not is_quoted and name.startswith(forbidden) and not name.startswith(PUBLIC_THIRD_PARTY):
                    yield f"{path}: {header} gives it <{name}> (by {reached})"


def read_tree(root):
    folders = [root / room.split("/")[0] for room in (*MAY_INCLUDE, *ANYTHING)]
    skipped = {"build", "node_modules"}
    return Tree({
        str(file.relative_to(root)): file.read_text(encoding="utf-8")
        for folder in set(folders)
        for file in folder.rglob("*")
        if file.suffix in {".hpp", ".cpp"} and not skipped & set(file.relative_to(root).parts)
    })


def problems(sources):
    """Of a made-up tree, {path: text}."""
    return Tree({
        path: "#pragma once\n" + text if path.endswith(".hpp") else text for path, text in sources.items()
    }).problems()


class TheChecker(unittest.TestCase):
    def test_lets_the_data_flow_forward(self):
        self.assertEqual([], problems({
            "store/event/block.hpp": "#include <vector>",
            "client/load/load.hpp": '#include "store/event/block.hpp"',
            "orchestrator/suite.cpp": '#include "client/load/load.hpp"',
            "tests/client/load/load_test.cpp": '#include "client/load/load.hpp"',
        }))

    def test_finds_a_backward_arrow(self):
        for includer, header in (
                ("client/load/load.cpp", "store/run/run.hpp"),
                ("store/event/block.cpp", "store/run/run.hpp"),
                ("store/run/run.cpp", "client/load/load.hpp"),
                ("rpc/value.cpp", "store/event/event.hpp"),
                ("rpc/value.cpp", "orchestrator/config.hpp"),
                ("orchestrator/main.cpp", "tests/fake.hpp")):
            with self.subTest(includer=includer, header=header):
                found = problems({includer: f'#include "{header}"', header: ""})
                self.assertEqual(1, len(found), found)
                self.assertIn("a backward arrow", found[0])

    def test_lets_only_some_over_a_fence(self):
        header = {"orchestrator/control/web_server.hpp": "", "orchestrator/suite.hpp": ""}
        include = '#include "orchestrator/control/web_server.hpp"'
        for path in ("orchestrator/control/answer.cpp", "orchestrator/daemon/daemon.cpp",
                     "orchestrator/commands/run.cpp", "orchestrator/main.cpp", "tests/orchestrator/x_test.cpp"):
            with self.subTest(path=path):
                self.assertEqual([], problems({path: include, **header}))
        for path in ("orchestrator/suite.cpp", "orchestrator/controls.cpp"):
            with self.subTest(path=path):
                self.assertEqual([f"{path}: only orchestrator/commands, orchestrator/daemon, orchestrator/main.cpp "
                                  "may include orchestrator/control/web_server.hpp"],
                                 problems({path: include, **header}))
        self.assertEqual([], problems({"orchestrator/control/x.cpp": '#include "orchestrator/suite.hpp"', **header}))

    def test_keeps_a_library_behind_its_fence(self):
        tree = {"orchestrator/control/feed.hpp": "#include <websocketpp/server.hpp>",
                "orchestrator/control/web_server.cpp": '#include "orchestrator/control/feed.hpp"'}
        self.assertEqual([], problems(tree))
        tree["orchestrator/daemon/daemon.cpp"] = '#include "orchestrator/control/feed.hpp"'
        self.assertEqual(["orchestrator/daemon/daemon.cpp: orchestrator/control/feed.hpp gives it "
                          "<websocketpp/server.hpp> (by orchestrator/control/feed.hpp)"], problems(tree))

    def test_keeps_a_library_in_its_room(self):
        self.assertEqual([], problems({"store/run/run.cpp": "#include <rocksdb/db.h>"}))
        for path, include, rooms in (
                ("orchestrator/main.cpp", "#include <rocksdb/db.h>", "store"),
                ("orchestrator/suite.cpp", "#include <asio.hpp>", "client, competition, orchestrator/control"),
                ("client/load/load.cpp", "#  include <curl/curl.h>", "rpc"),
                ("client/load/load.cpp", "#include <catch2/catch.hpp>", "tests")):
            with self.subTest(include=include):
                found = problems({path: include})
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].endswith(f"only in: {rooms}"), found)

    def test_keeps_a_library_out_of_the_headers_that_others_reach(self):
        tree = {"store/impl.hpp": "#include <rocksdb/db.h>", "store/run/run.cpp": '#include "store/impl.hpp"'}
        self.assertEqual([], problems(tree))
        tree |= {"store/run/run.hpp": '#include "store/impl.hpp"', "orchestrator/suite.cpp": '#include "store/run/run.hpp"'}
        self.assertEqual(["orchestrator/suite.cpp: store/run/run.hpp gives it <rocksdb/db.h> (by store/impl.hpp)"],
                         problems(tree))

    def test_wants_project_relative_names_of_files_that_exist(self):
        for include, complaint in (('#include "value.hpp"', "no file of ours"),
                                   ("#include <rpc/value.hpp>", "are included as")):
            with self.subTest(include=include):
                found = problems({"rpc/value.cpp": include, "rpc/value.hpp": ""})
                self.assertEqual(1, len(found), found)
                self.assertIn(complaint, found[0])

    def test_lets_tests_and_contestants_have_headers_beside_them(self):
        for folder in ("tests/store", "competition/echo"):
            self.assertEqual([], problems({f"{folder}/main.cpp": '#include "loads.hpp"', f"{folder}/loads.hpp": ""}))

    def test_wants_pragma_once_first(self):
        without = Tree({"rpc/value.hpp": "// Values.\n#include <map>\n"}).problems()
        self.assertEqual(["rpc/value.hpp: a header begins with #pragma once"], without)
        self.assertEqual([], Tree({"rpc/value.hpp": "// Values.\n#pragma once\n"}).problems())

    def test_ignores_comments(self):
        self.assertEqual([], problems({"rpc/value.cpp": '// #include "store/run/run.hpp"\n/*\n#include <rocksdb/db.h>\n*/'}))


class TheTree(unittest.TestCase):
    def test_has_only_forward_arrows(self):
        tree = read_tree(ROOT)
        self.assertGreater(len(tree.includes), 10, "the sources were not found")
        found = tree.problems()
        if found:
            self.fail("\n".join(["broken rules:", *found]))


if __name__ == "__main__":
    unittest.main()
