"""An independent decoder of HdrHistogram's V2 encoding (compressed), written from its specification, so that
what the benches check is not read by the code that wrote it."""

import base64
import math
import struct
import zlib


class Histogram:
    """Counts by value: pairs (middle of the bucket, how many), ascending."""

    def __init__(self, text):
        raw = base64.b64decode(text)
        cookie, length = struct.unpack_from(">II", raw)
        if cookie & ~0xf0 != 0x1c849304:
            raise ValueError("not a compressed V2 histogram")
        raw = zlib.decompress(raw[8:8 + length])
        cookie, length, _, digits, lowest, _, _ = struct.unpack_from(">IIIIQQd", raw)
        if cookie & ~0xf0 != 0x1c849303:
            raise ValueError("not a V2 histogram")
        self.unit = int(math.floor(math.log2(lowest)))
        self.half_bits = max(int(math.ceil(math.log2(2 * 10 ** digits))), 1) - 1
        self.counts = []
        at, index = 40, 0
        while at < 40 + length:
            value, at = zigzag(raw, at)
            if value < 0:
                index -= value
            else:
                if value:
                    self.counts.append((self.middle(index), value))
                index += 1
        self.total = sum(count for _, count in self.counts)

    def middle(self, index):
        half = 1 << self.half_bits
        bucket, sub = (index >> self.half_bits) - 1, (index & (half - 1)) + half
        if bucket < 0:
            bucket, sub = 0, sub - half
        shift = bucket + self.unit
        return (sub << shift) + ((1 << shift) >> 1)

    def quantile(self, q):
        """The value of the sample of rank floor(q * (n - 1)), counted from 0."""
        rank, seen = math.floor(q * (self.total - 1)), 0
        for value, count in self.counts:
            seen += count
            if seen > rank:
                return value
        return 0


def zigzag(raw, at):
    value = shift = 0
    for number in range(9):
        byte = raw[at]
        at += 1
        if number == 8:
            value |= byte << shift
            break
        value |= (byte & 0x7f) << shift
        shift += 7
        if not byte & 0x80:
            break
    return (value >> 1) ^ -(value & 1), at


def quantile(ascending, q):
    """The same rank of a sorted list."""
    return ascending[math.floor(q * (len(ascending) - 1))]
