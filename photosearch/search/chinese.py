"""The words of the query language in Chinese: filters, their values, and what keeps away."""

import re

from photosearch.core.chinese import simplified

KEYS = {
    "像": "like",
    "文件夹": "folder",
    "相册": "album",
    "标签": "tag",
    "日期": "date",
    "晚于": "after",
    "早于": "before",
    "相机": "camera",
    "类型": "type",
    "评分": "rating",
    "星级": "rating",
    "含有": "has",
    "地点": "place",
    "文字": "text",
    "附近": "near",
    "方向": "orientation",
    "时长": "length",
    "离线": "away",
}

_VALUES = {
    "date": {
        "今天": "today",
        "昨天": "yesterday",
        "本周": "this-week",
        "这周": "this-week",
        "上周": "last-week",
        "本月": "this-month",
        "这个月": "this-month",
        "上月": "last-month",
        "上个月": "last-month",
        "今年": "this-year",
        "去年": "last-year",
    },
    "has": {
        "位置": "gps",
        "地点": "place",
        "说明": "caption",
        "关键词": "keywords",
        "评分": "rating",
        "相机": "camera",
        "文字": "text",
        "收藏": "favourite",
    },
    "type": {"视频": "video"},
    "orientation": {
        "纵向": "portrait",
        "竖": "portrait",
        "横向": "landscape",
        "横": "landscape",
        "方形": "square",
    },
    "away": {"是": "yes", "否": "no"},
}
_VALUES["after"] = _VALUES["before"] = _VALUES["date"]

_DATED = ("date", "after", "before")
_NUMERALS = re.compile(r"[〇零一二三四五六七八九十]+(?=[年月日号])|[〇零一二三四五六七八九]{4}")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_DAY = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号]?)?)?")
_BETWEEN = re.compile(r"(\.\.|,)")  # values of one filter

# "不要狗" is "-狗"; but "没有人的海滩" says something of the beach, and stays words.
AWAY = re.compile(r"(?:不要|没有|沒有)(?=\w[^\s的]*(?:\s|$))")


def english_key(key: str) -> str:
    """A filter's name as the query language has it; itself where it is no Chinese one."""
    return KEYS.get(simplified(key), key)


def english_value(key: str, value: str) -> str:
    """A filter's value as the query language has it: "2023年6月..今天" becomes "2023-06..today".

    Years, months and days may be written in numerals: "二〇二三年十二月".
    """
    known = _VALUES.get(key, {})
    if key in _DATED:
        value = _NUMERALS.sub(lambda numeral: _in_digits(numeral[0]), value)
    parts = (known.get(simplified(part), part) for part in value.split(".."))
    return _DAY.sub(lambda day: "-".join(filter(None, day.groups())), "..".join(parts))


def chinese_value(key: str, value: str) -> str:
    """A filter's value as it is said in Chinese: "video" becomes "视频"; what has no such word stays."""
    said = {english: chinese for chinese, english in reversed(_VALUES.get(key, {}).items())}
    return "".join(said.get(part.lower(), part) for part in _BETWEEN.split(value))


def said_values(key: str) -> list[str]:
    """A filter with each of its values, as typed in Chinese; none of one that takes others, as dates."""
    if key in _DATED or len(_VALUES.get(key, {})) < 2:
        return []
    name = next(name for name, english in KEYS.items() if english == key)
    return [f"{name}:{value}" for value in _VALUES[key]]


def _in_digits(numeral: str) -> str:
    """ "二〇二三" -> "2023"; "十二" -> "12"; "二十" -> "20"."""
    tens, ten, ones = numeral.partition("十")
    if ten:
        numeral = f"{tens or '一'}{ones or '〇'}"
    return numeral.translate(_DIGITS)
