# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say who they are and whom they see, and a client that prints it.

serve NAME PORT...          TCP and UDP, IPv4 and IPv6, until killed
ask tcp|udp ADDRESS PORT [OWN PORT]     prints 'NAME sees ADDRESS', or 'nothing'
"""

import selectors
import socket
import sys


def seen(peer):
    """An address as people write it."""
    return peer[0].replace("::ffff:", "", 1)


def serve(name, ports):
    """Answer everybody."""
    ready = selectors.DefaultSelector()
    for port in ports:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            server = socket.socket(socket.AF_INET6, kind)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            server.bind(("::", port))
            if kind == socket.SOCK_STREAM:
                server.listen()
            ready.register(server, selectors.EVENT_READ)
    while True:
        for key, _events in ready.select():
            server = key.fileobj
            if server.type == socket.SOCK_STREAM:
                connection, peer = server.accept()
                connection.sendall(f"{name} sees {seen(peer)}".encode())
                connection.close()
            else:
                _question, peer = server.recvfrom(100)
                server.sendto(f"{name} sees {seen(peer)}".encode(), peer)


def ask(protocol, address, port, own):
    """Ask once; a lost datagram is lost."""
    client = socket.socket(
        socket.AF_INET6 if ":" in address else socket.AF_INET,
        socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM,
    )
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.settimeout(1.5)
    if own:
        client.bind(("", own))
    try:
        client.connect((address, port))
        client.send(b"?")
        print(client.recv(100).decode())
    except OSError:
        print("nothing")


if sys.argv[1] == "serve":
    serve(sys.argv[2], [int(port) for port in sys.argv[3:]])
else:
    ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]) if len(sys.argv) > 5 else 0)
