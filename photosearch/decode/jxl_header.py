"""What a JPEG XL says of its colours in its header (ISO/IEC 18181-1), which libjxl's binding leaves out."""

from photosearch.decode.colour import SRGB, SRGB_CURVE, Primaries, Space, are_sensible

_START = 2  # bytes before the header
_LONGEST = 1 << 14  # bytes that are looked at; the header has a few, but for names of channels
_GREY, _XYB = 1, 2  # of what is no red, green and blue
_ALPHA, _SPOT_COLOUR, _MOSAIC = 0, 2, 5  # kinds of further channels that say more
_CUSTOM = 2

_Chromaticity = tuple[float, float]
_UNKNOWN: _Chromaticity = (0.0, 0.0)
_WHITES: dict[int, _Chromaticity] = {1: (0.3127, 0.3290), 10: (1 / 3, 1 / 3), 11: (0.314, 0.351)}
_PRIMARIES: dict[int, tuple[_Chromaticity, _Chromaticity, _Chromaticity]] = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),  # sRGB
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2100
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # P3
}
_GAMMAS = {1: SRGB_CURVE, 8: 1.0, 13: SRGB_CURVE, 17: 2.6}  # not those of more light than a screen has

# Numbers are one of four, each fixed, or of so many bits from so much on: (bits, from).
_SIZE = ((9, 1), (13, 1), (18, 1), (30, 1))
_ENUM = ((0, 0), (0, 1), (4, 2), (6, 18))
_PLACE = ((19, 0), (19, 1 << 19), (20, 1 << 20), (21, 1 << 21))


def space_of(codestream: bytes) -> Space | None:
    """The space of its colours; None where that is a profile's, or not known.

    Raises:
        ValueError: the header ends early.
    """
    header = _Header(codestream[_START:_LONGEST])
    header.pass_size()
    if header.bit():
        return None  # all is as usual
    header.pass_what_is_no_colour()
    return header.space()


class _Header:
    """The bits of a header, one after the other, the least of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def bits(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the header ends early")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken

    def bit(self) -> bool:
        return bool(self.bits(1))

    def number(self, *kinds: tuple[int, int]) -> int:
        count, least = kinds[self.bits(2)]
        return least + self.bits(count)

    def pass_size(self) -> None:
        in_eights = self.bit()
        self._pass_length(in_eights)
        if not self.bits(3):  # no ratio tells the width
            self._pass_length(in_eights)

    def pass_what_is_no_colour(self) -> None:
        if self.bit():
            self._pass_extras()
        self._pass_depth()
        self.bit()  # whether 16 bits are enough to decode it
        for _ in range(self.number((0, 0), (0, 1), (4, 2), (12, 1))):
            self._pass_channel()
        self.bit()  # whether its colours are kept as XYB

    def space(self) -> Space | None:
        """Of what follows then."""
        if self.bit():
            return None  # sRGB
        has_profile, kind = self.bit(), self.number(*_ENUM)
        if has_profile or kind == _XYB:
            return None
        white = self._white()
        primaries = SRGB if kind == _GREY else self._primaries(white)
        gamma = 1e7 / max(1, self.bits(24)) if self.bit() else _GAMMAS.get(self.number(*_ENUM))
        return Space(primaries, gamma) if gamma is not None and are_sensible(primaries) else None

    def _pass_length(self, in_eights: bool) -> None:
        if in_eights:
            self.bits(5)
        else:
            self.number(*_SIZE)

    def _white(self) -> _Chromaticity:
        code = self.number(*_ENUM)
        return self._chromaticity() if code == _CUSTOM else _WHITES.get(code, _UNKNOWN)

    def _primaries(self, white: _Chromaticity) -> Primaries:
        code = self.number(*_ENUM)
        if code == _CUSTOM:
            return self._chromaticity(), self._chromaticity(), self._chromaticity(), white
        return (*_PRIMARIES.get(code, (_UNKNOWN, _UNKNOWN, _UNKNOWN)), white)

    def _chromaticity(self) -> _Chromaticity:
        return self._coordinate(), self._coordinate()

    def _coordinate(self) -> float:
        value = self.number(*_PLACE)
        return (value >> 1 ^ -(value & 1)) / 1e6

    def _pass_extras(self) -> None:
        self.bits(3)  # how it lies
        if self.bit():
            self.pass_size()  # that it is to be shown in
        if self.bit():
            self._pass_preview()
        if self.bit():
            self.number((0, 100), (0, 1000), (10, 1), (30, 1))  # ticks of a second
            self.number((0, 1), (0, 1001), (8, 1), (10, 1))
            self.number((0, 0), (3, 0), (16, 0), (32, 0))  # how often it is shown
            self.bit()

    def _pass_preview(self) -> None:
        in_eights = self.bit()
        kinds = ((0, 16), (0, 32), (5, 1), (9, 33)) if in_eights else ((6, 1), (8, 65), (10, 321), (12, 1345))
        self.number(*kinds)
        if not self.bits(3):
            self.number(*kinds)

    def _pass_depth(self) -> None:
        if self.bit():
            self.number((0, 32), (0, 16), (0, 24), (6, 1))
            self.bits(4)
        else:
            self.number((0, 8), (0, 10), (0, 12), (6, 1))

    def _pass_channel(self) -> None:
        if self.bit():
            return
        kind = self.number(*_ENUM)
        self._pass_depth()
        self.number((0, 0), (0, 3), (0, 4), (3, 1))
        self.bits(8 * self.number((0, 0), (4, 0), (5, 16), (10, 48)))  # its name
        if kind == _ALPHA:
            self.bit()
        elif kind == _SPOT_COLOUR:
            self.bits(4 * 16)
        elif kind == _MOSAIC:
            self.number((0, 1), (2, 0), (4, 3), (8, 19))
