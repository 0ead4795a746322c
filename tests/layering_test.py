#!/usr/bin/env python3
"""Which folder may include what: greps every #include and fails on a backward arrow.

Checks the checker on made-up trees, then the tree that it stands in. The rules are the tables below.
"""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The way of the data (docs/architecture.md): a room may include itself and these. Bottom to top.
STORE = {"store/event", "store/run", "store/read", "store/fold"}
CLIENT = {"client", "client/transport", "client/websocket", "client/load", "client/probe"}
BELOW_SUITE = {"rpc", *CLIENT, *STORE, "orchestrator/util", "orchestrator/machine", "orchestrator/config",
               "orchestrator/results", "orchestrator/contestants"}
BELOW_CONTROL = {"rpc", *CLIENT, *STORE, "orchestrator/util", "orchestrator/results", "orchestrator/suite"}
BELOW_COMMANDS = {*BELOW_SUITE, "client/null_echo", "orchestrator/suite", "orchestrator/report",
                  "orchestrator/conformance", "orchestrator/exports", "orchestrator/control", "orchestrator/control/web",
                  "orchestrator/control/state", "orchestrator/daemon"}
MAY_INCLUDE = {
    "rpc": set(),
    "store/event": set(),
    "store/run": {"store/event"},
    "store/read": {"store/event", "store/run"},
    "store/fold": {"store/event", "store/run", "store/read"},
    "client/transport": {"store/event"},
    "client/websocket": {"store/event", "client/transport"},
    "client": {"client/transport", "client/websocket"},  # plan.hpp, which stands above its rooms' folders
    "client/load": {"store/event", "client", "client/transport", "client/websocket"},
    "client/probe": {"store/event", "client/transport", "client/websocket"},
    "client/null_echo": set(),
    "orchestrator/util": {"rpc"},
    "orchestrator/machine": {"orchestrator/util"},
    "orchestrator/config": {"rpc", "client", "client/transport", "orchestrator/util"},
    "orchestrator/results": {*CLIENT, *STORE, "orchestrator/util", "orchestrator/config"},
    "orchestrator/contestants": {"rpc", "store/event", "client", "client/websocket", "client/probe", "orchestrator/util",
                                 "orchestrator/machine", "orchestrator/results"},
    "orchestrator/suite": {*BELOW_SUITE, "client/null_echo"},
    "orchestrator/report": {*BELOW_SUITE, "orchestrator/suite"},
    "orchestrator/conformance": {"rpc", "store/event", *CLIENT, "orchestrator/util", "orchestrator/machine",
                                 "orchestrator/contestants"},
    "orchestrator/exports": {"rpc", *STORE, "orchestrator/util"},
    "orchestrator/control/web": {"rpc", "orchestrator/util"},
    "orchestrator/control/state": BELOW_CONTROL,
    "orchestrator/control/xmlrpc": {*BELOW_CONTROL, "orchestrator/control/state"},
    "orchestrator/control/api": {*BELOW_CONTROL, "orchestrator/control/web", "orchestrator/control/state"},
    "orchestrator/control/logs": {"orchestrator/control/web", "orchestrator/control/state", "orchestrator/control/xmlrpc"},
    "orchestrator/control/dashboard": set(),
    "orchestrator/control": {*BELOW_CONTROL, *(f"orchestrator/control/{room}" for room in
                                               ("web", "state", "xmlrpc", "api", "logs", "dashboard"))},
    "orchestrator/daemon": BELOW_COMMANDS - {"orchestrator/daemon"},
    "orchestrator/commands": BELOW_COMMANDS,
    "orchestrator/command_line": {*BELOW_COMMANDS, "orchestrator/commands"},
    "orchestrator": {"orchestrator/command_line", "orchestrator/commands"},  # main.cpp
    "competition": set(),
}
ANYTHING = {"tests"}

# Third-party headers by the beginning of their name, and the folders that may know them. In headers that other rooms
# reach only PUBLIC_THIRD_PARTY may appear, so that nobody compiles against RocksDB or websocketpp but the room that
# wraps it; within a library (store/, client/) its rooms may share it.
THIRD_PARTY = {
    "rocksdb/": {"store"},
    "websocketpp/": {"client", "orchestrator/control/web", "competition"},
    "asio": {"client/transport", "orchestrator/control/web", "competition"},
    "curl/": {"rpc"},
    "zlib.h": {"orchestrator/exports"},
    "zstd.h": {"orchestrator/exports"},
    "liburing": {"client/transport"},
    "tinyxml2": {"rpc"},
    "CLI/": {"orchestrator/command_line"},
    "catch2/": set(),
}
PUBLIC_THIRD_PARTY = ("tl/", "nlohmann/json_fwd.hpp")
ANY_THIRD_PARTY = tuple(THIRD_PARTY) + ("tl/", "nlohmann/", "fmt/", "spdlog/", "xxhash")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def room_of(path):
    """The room of a project-relative path, or None: its folder; competition/ and tests/ are one each."""
    folder = path.rpartition("/")[0]
    for whole in ("competition", *ANYTHING):
        if is_in(path, whole):
            return whole
    return folder if folder in MAY_INCLUDE else None


def is_in(path, place):
    """Whether a path is that file or in that folder."""
    return path == place or path.startswith(place + "/")


def library_of(room):
    """The top folder of a room: rooms of store/ and client/ may share the library that theirs wraps."""
    return room.split("/")[0]


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
            other = room_of(name)
            if room not in ANYTHING and other != room:
                if other not in MAY_INCLUDE[room]:
                    yield f"{path}: a backward arrow: {room} must not include {name}"
                yield from self.third_party_behind(path, room, name, other)
        elif is_quoted:
            # A test's or a contestant's own header may stand beside it.
            is_beside = str(Path(path).parent / name) in self.includes
            if not is_beside or room not in ANYTHING | {"competition"}:
                yield f'{path}: "{name}" is no file of ours (names are relative to the project)'
        elif room not in ANYTHING:
            for prefix, folders in THIRD_PARTY.items():
                if name.startswith(prefix) and not any(is_in(path, folder) for folder in folders):
                    yield f"{path}: <{name}> may be included only in: {', '.join(sorted(folders)) or 'tests'}"

    def third_party_behind(self, path, room, header, other):
        if library_of(other) != library_of(room):
            forbidden = ANY_THIRD_PARTY
        elif library_of(room) == "orchestrator":
            forbidden = tuple(THIRD_PARTY)
        else:
            return
        for reached in sorted(self.reached(header)):
            for name, is_quoted in self.includes[reached]:
                if not is_quoted and name.startswith(forbidden) and not name.startswith(PUBLIC_THIRD_PARTY):
                    yield f"{path}: {header} gives it <{name}> (by {reached})"


def read_tree(root):
    folders = [root / library_of(room) for room in (*MAY_INCLUDE, *ANYTHING)]
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
            "orchestrator/suite/suite.cpp": '#include "client/load/load.hpp"',
            "tests/client/load/load_test.cpp": '#include "client/load/load.hpp"',
        }))

    def test_finds_a_backward_arrow(self):
        for includer, header in (
                ("client/load/load.cpp", "store/run/run.hpp"),
                ("store/event/block.cpp", "store/run/run.hpp"),
                ("store/run/run.cpp", "client/load/load.hpp"),
                ("rpc/value.cpp", "store/event/event.hpp"),
                ("rpc/value.cpp", "orchestrator/config/suite_config.hpp"),
                ("orchestrator/main.cpp", "tests/fake.hpp")):
            with self.subTest(includer=includer, header=header):
                found = problems({includer: f'#include "{header}"', header: ""})
                self.assertEqual(1, len(found), found)
                self.assertIn("a backward arrow", found[0])

    def test_keeps_a_library_out_of_the_headers_of_other_rooms(self):
        tree = {"orchestrator/control/web/feed.hpp": "#include <websocketpp/server.hpp>",
                "orchestrator/control/web/web_server.cpp": '#include "orchestrator/control/web/feed.hpp"'}
        self.assertEqual([], problems(tree))
        tree["orchestrator/control/dispatcher.cpp"] = '#include "orchestrator/control/web/feed.hpp"'
        self.assertEqual(["orchestrator/control/dispatcher.cpp: orchestrator/control/web/feed.hpp gives it "
                          "<websocketpp/server.hpp> (by orchestrator/control/web/feed.hpp)"], problems(tree))

    def test_lets_the_rooms_of_one_library_share_what_it_wraps(self):
        self.assertEqual([], problems({"store/run/impl.hpp": "#include <rocksdb/db.h>",
                                       "store/read/cursor.cpp": '#include "store/run/impl.hpp"'}))

    def test_wants_a_row_for_every_room(self):
        self.assertEqual(["orchestrator/cellar/wine.cpp: this folder is no room that tests/layering_test.py knows"],
                         problems({"orchestrator/cellar/wine.cpp": ""}))

    def test_keeps_a_library_in_its_room(self):
        self.assertEqual([], problems({"store/run/run.cpp": "#include <rocksdb/db.h>"}))
        for path, include, rooms in (
                ("orchestrator/main.cpp", "#include <rocksdb/db.h>", "store"),
                ("orchestrator/suite/suite.cpp", "#include <asio.hpp>", "client/transport, competition, orchestrator/control/web"),
                ("client/load/load.cpp", "#  include <curl/curl.h>", "rpc"),
                ("client/load/load.cpp", "#include <catch2/catch.hpp>", "tests")):
            with self.subTest(include=include):
                found = problems({path: include})
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].endswith(f"only in: {rooms}"), found)

    def test_keeps_a_library_out_of_the_headers_that_others_reach(self):
        tree = {"store/run/impl.hpp": "#include <rocksdb/db.h>", "store/run/run.cpp": '#include "store/run/impl.hpp"'}
        self.assertEqual([], problems(tree))
        tree |= {"store/run/run.hpp": '#include "store/run/impl.hpp"', "orchestrator/suite/suite.cpp": '#include "store/run/run.hpp"'}
        self.assertEqual(["orchestrator/suite/suite.cpp: store/run/run.hpp gives it <rocksdb/db.h> (by store/run/impl.hpp)"],
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
