#!/usr/bin/env python3
"""A DNS server on loopback for tests: a table of names, NXDOMAIN for everything else. UDP only.

    dns_server.py [--bind 127.0.0.1] [--port 0] name=address...

Prints one line when ready: {"address": "127.0.0.1", "port": 40053}. Ends on SIGTERM or Ctrl-C. A name that is
known under another type only is answered without records (NOERROR), as real servers do. In a test:

    with DnsServer({"app.test": ["127.0.0.1"]}) as dns:
        env = {"SLSART_DNS_SERVERS": dns.endpoint}
"""

import argparse
import ipaddress
import json
import socket
import struct
import threading

A, AAAA = 1, 28
NOERROR, FORMERR, NXDOMAIN = 0, 1, 3
SECONDS_TO_LIVE = 60


def parse_question(packet):
    """(name in lower case, type, end of the question), ValueError if there is none."""
    if len(packet) < 12 or struct.unpack_from("!H", packet, 4)[0] != 1:
        raise ValueError("not one question")
    labels, at = [], 12
    while True:
        length = packet[at]
        at += 1
        if length == 0:
            break
        if length > 63:
            raise ValueError("compressed question")
        labels.append(packet[at:at + length].decode("ascii", "replace"))
        at += length
    kind, _ = struct.unpack_from("!HH", packet, at)
    return ".".join(labels).lower(), kind, at + 4


def make_answer(packet, names):
    """The answer to one packet; RFC 1035 section 4."""
    identifier = packet[:2]
    try:
        name, kind, end = parse_question(packet)
    except (ValueError, IndexError, struct.error):
        return identifier + struct.pack("!HHHHH", 0x8180 | FORMERR, 0, 0, 0, 0)
    if name not in names:
        return identifier + struct.pack("!HHHHH", 0x8180 | NXDOMAIN, 1, 0, 0, 0) + packet[12:end]
    records = b""
    count = 0
    for text in names[name]:
        address = ipaddress.ip_address(text)
        if (A if address.version == 4 else AAAA) == kind:
            records += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, SECONDS_TO_LIVE, len(address.packed))
            records += address.packed
            count += 1
    return identifier + struct.pack("!HHHHH", 0x8180 | NOERROR, 1, count, 0, 0) + packet[12:end] + records


class DnsServer:
    """Serves `names` (name -> list of addresses) in a thread until closed."""

    def __init__(self, names, address="127.0.0.1", port=0):
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError("loopback only")
        self.names = {name.lower(): addresses for name, addresses in names.items()}
        self.asked = []  # names in the order of the questions
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.address, self.port = self.socket.getsockname()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def endpoint(self):
        return f"{self.address}:{self.port}"

    def serve(self):
        while True:
            try:
                packet, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            if len(packet) < 2:  # also the wake-up call of close()
                if self.socket.fileno() < 0 or self.thread is None:
                    return
                continue
            try:
                self.asked.append(parse_question(packet)[0])
            except (ValueError, IndexError, struct.error):
                pass
            self.socket.sendto(make_answer(packet, self.names), sender)

    def close(self):
        thread, self.thread = self.thread, None
        if thread is not None:
            self.socket.sendto(b"", (self.address, self.port))
            thread.join(5)
            self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("names", nargs="*", metavar="name=address")
    args = parser.parse_args()
    names = {}
    for item in args.names:
        name, _, address = item.partition("=")
        names.setdefault(name, []).append(address)
    with DnsServer(names, args.bind, args.port) as server:
        print(json.dumps({"address": server.address, "port": server.port}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
