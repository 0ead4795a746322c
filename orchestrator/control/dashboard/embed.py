#!/usr/bin/env python3
"""Turns a file into C++ that holds it as an Asset (orchestrator/control/dashboard/assets.hpp).

usage: embed.py FILE REQUEST-PATH SYMBOL OUTPUT.cpp

Compressed as gzip unless that makes it no smaller. The same file gives the same bytes, whenever and wherever.
"""

import gzip
import hashlib
import sys
from pathlib import Path

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
BYTES_A_LINE = 32

TEMPLATE = """\
// Made from {name} by orchestrator/control/dashboard/embed.py.
#include "orchestrator/control/dashboard/assets.hpp"

namespace wsbench::control::dashboard::assets {{

using namespace std::string_view_literals;

extern const Asset {symbol};
const Asset {symbol}{{
    "{path}"sv, "{content_type}"sv, "\\"{digest}\\""sv,
{literal}sv,
    {gzipped}}};

}}  // namespace wsbench::control::dashboard::assets
"""


def literal_of(data):
    """Adjacent string literals. Octal escapes end after three digits, whatever follows (hex ones do not)."""
    lines = (data[i:i + BYTES_A_LINE] for i in range(0, len(data), BYTES_A_LINE))
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in line) + '"' for line in lines) or '    ""'


def source_of(name, data, path, symbol):
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    gzipped = len(packed) < len(data)
    return TEMPLATE.format(
        name=name, symbol=symbol, path=path, content_type=CONTENT_TYPES[Path(name).suffix],
        digest=hashlib.sha256(data).hexdigest()[:32], literal=literal_of(packed if gzipped else data),
        gzipped="true" if gzipped else "false")


def main(arguments):
    if len(arguments) != 4:
        sys.exit(__doc__)
    file, path, symbol, output = arguments
    name = Path(file).name
    if Path(name).suffix not in CONTENT_TYPES:
        sys.exit(f"{file}: no content type is known for this kind of file (see CONTENT_TYPES in embed.py)")
    Path(output).write_text(source_of(name, Path(file).read_bytes(), path, symbol), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
