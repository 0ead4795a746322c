"""Reads the events of a run as docs/store.md tells it, and shares no code with wsbench.

usage: read_run.py RUN CONTESTANT

Prints a line per event, in the order of the blocks' keys and of recording: round, phase, agent, shard, block, time,
kind, client, sequence, value; all in numbers. Needs ldb (Debian's rocksdb-tools); checks the blocks' checksums where
there is python3-xxhash.
"""

import re
import struct
import subprocess
import sys

try:
    import xxhash
except ImportError:
    xxhash = None

MASK = (1 << 64) - 1
SEND, RECV = 3, 4
KEY = struct.Struct(">HBQHHI")
HEADER = struct.Struct("<4sBBBBIIqqIHHHBB7I")


class Wrong(Exception):
    """A block that is not what docs/store.md says."""


def unzigzag(value):
    return (value >> 1) ^ -(value & 1)


def unpack_bits(data, count, width):
    whole = int.from_bytes(data, "little")
    return [whole >> (i * width) & ((1 << width) - 1) for i in range(count)]


def packed_bytes(count, width):
    return (count * width + 7) // 8


def unpack_column(data, count):
    """Frames of 128 values: width, LEB128(zigzag(base)), the values less the base in `width` bits each."""
    values, at = [], 0
    while len(values) < count:
        size = min(128, count - len(values))
        width, at = data[at], at + 1
        base = shift = 0
        while True:
            byte, at = data[at], at + 1
            base |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        end = at + packed_bytes(size, width)
        values += [(unzigzag(base) + value) & MASK for value in unpack_bits(data[at:end], size, width)]
        at = end
    if at != len(data):
        raise Wrong("a column is not as long as it says")
    return values


def identities(kinds, sends, recvs, named):
    """The client and sequence of every event: a message may refer to another of the same block."""
    found, send_places, expected = [], [], 0
    for place, kind in enumerate(kinds):
        reference = next(sends) if kind == SEND else next(recvs) if kind == RECV else 0
        if reference == 0:
            identity = next(named)
        elif kind == SEND:
            client, sequence = found[place - reference]
            identity = client, (sequence + 1) & 0xFFFFFFFF
        else:
            ordinal = expected + unzigzag(reference - 1)
            identity, expected = found[send_places[ordinal]], ordinal + 1
        if kind == SEND:
            send_places.append(place)
        found.append(identity)
    return found


def read_block(block):
    """Yields round, phase, agent, shard, number, time, kind, client, sequence, value."""
    (magic, version, kind_set, valued, phase, size, events, earliest, _latest, number, round_, agent, shard,
     more_kinds, more_valued, *column_bytes) = HEADER.unpack_from(block)
    if magic != b"wsbl" or version not in (1, 2):
        raise Wrong("no block of version 1 or 2")
    if version == 2:
        kind_set |= more_kinds << 8
        valued |= more_valued << 8
    if size != len(block):
        raise Wrong("a block is not as long as it says")
    if xxhash and xxhash.xxh3_64_intdigest(block[:-8]) != int.from_bytes(block[-8:], "little"):
        raise Wrong("a checksum does not fit")
    columns, at = [], HEADER.size
    for length in column_bytes:
        columns.append(block[at : at + length])
        at += length

    known = [kind for kind in range(16) if kind_set >> kind & 1]
    width = (len(known) - 1).bit_length() if known else 0
    kinds = [known[i] for i in unpack_bits(columns[0], events, width)]
    time, times = earliest, []
    for delta in unpack_column(columns[1], events):
        time += delta if delta < 1 << 63 else delta - (1 << 64)
        times.append(time)
    stored = [bool(valued >> kind & 1) for kind in kinds]
    values = iter(unpack_column(columns[2], sum(stored)))

    def references(column, kind):
        count = kinds.count(kind)
        return unpack_column(column, count) if column else [0] * count

    sends, recvs = references(columns[3], SEND), references(columns[4], RECV)
    count = sends.count(0) + recvs.count(0) + sum(kind not in (SEND, RECV) for kind in kinds)
    named = zip(unpack_column(columns[5], count), unpack_column(columns[6], count))
    who = identities(kinds, iter(sends), iter(recvs), named)
    for time, kind, (client, sequence), has_value in zip(times, kinds, who, stored):
        value = next(values) if has_value else 0
        yield round_, phase, agent, shard, number, time, kind, client, sequence, value


def blocks(run, contestant):
    """Keys and values of a contestant's column family, by RocksDB's own tool."""
    scan = subprocess.run(
        ["ldb", f"--db={run}/db", f"--column_family=c:{contestant}", "scan", "--hex"],
        stdout=subprocess.PIPE, check=True, text=True)
    for line in scan.stdout.splitlines():
        key, value = re.findall("0x([0-9A-F]*)", line)
        yield bytes.fromhex(key), bytes.fromhex(value)


def main():
    run, contestant = sys.argv[1:]
    for key, block in blocks(run, contestant):
        events = list(read_block(block))
        round_, phase, agent, shard, number, *_ = events[0]
        earliest = min(event[5] for event in events)
        if KEY.unpack(key) != (round_, phase, earliest, agent, shard, number):
            raise Wrong(f"a block stands under another's key: {key.hex()}")
        for event in events:
            print(*event)


if __name__ == "__main__":
    main()
