"""Counts TCP connections through the kernel's sock_diag (man 7 sock_diag; linux/inet_diag.h).

A dump filtered by port in the kernel; /proc/net/tcp would list, format and have parsed every socket of the machine.
"""

import socket
import struct

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_TCP_ESTABLISHED = 1

# struct nlmsghdr: length, type, flags, sequence, port id.
# struct inet_diag_req_v2: family, protocol, extensions, pad, states; then inet_diag_sockid, of which only the local
# port (big-endian) is set: the kernel skips every socket with another one.
_REQUEST = struct.Struct("=LHHLL BBBxL H46x")
_HEADER = struct.Struct("=LH")
_RECEIVE_BYTES = 1 << 18


def count_established(port):
    """Established connections, IPv4 and IPv6, whose local port this is; -1 if the kernel cannot say."""
    try:
        return sum(_count(family, port) for family in (socket.AF_INET, socket.AF_INET6))
    except OSError:
        return -1


def _count(family, port):
    request = _REQUEST.pack(
        _REQUEST.size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 0, 0,
        family, socket.IPPROTO_TCP, 0, 1 << _TCP_ESTABLISHED, socket.htons(port),
    )  # fmt: skip
    count = 0
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.setblocking(False)  # a dump is made while it is read: there is never anything to wait for
        netlink.send(request)
        while True:
            messages = netlink.recv(_RECEIVE_BYTES)
            offset = 0
            while offset < len(messages):
                length, kind = _HEADER.unpack_from(messages, offset)
                if kind == _NLMSG_DONE:
                    return count
                if kind == _NLMSG_ERROR:
                    (number,) = struct.unpack_from("=i", messages, offset + 16)
                    raise OSError(-number, "sock_diag")
                count += 1
                offset += (length + 3) & ~3
