"""The words of the query language in Chinese: filters, their values, and what keeps away."""

import re

from photosearch.core.chinese import simplified

KEYS = {
    "像": "like",
    "文件夹": "folder",
    "相册": "album",
    "日期": "date",
    "晚于": "after",
    "早于": "before",
    "相机": "camera",
    "类型": "type",
    "评分": "rating",
    "星级": "rating",
    "含有": "has",
    "附近": "near",
    "方向": "orientation",
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
        "地点": "gps",
        "说明": "caption",
        "关键词": "keywords",
        "评分": "rating",
        "相机": "camera",
        "收藏": "favourite",
    },
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

_DAY = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})[日号]?)?)?")

# "不要狗" is "-狗"; but "没有人的海滩" says something of the beach, and stays words.
AWAY = re.compile(r"(?:不要|没有|沒有)(?=\w[^\s的]*(?:\s|$))")


def english_key(key: str) -> str:
    """A filter's name as the query language has it; itself where it is no Chinese one."""
    return KEYS.get(simplified(key), key)


def english_value(key: str, value: str) -> str:
    """A filter's value as the query language has it: "2023年6月..今天" becomes "2023-06..today"."""
    known = _VALUES.get(key, {})
    parts = (known.get(simplified(part), part) for part in value.split(".."))
    return _DAY.sub(lambda day: "-".join(filter(None, day.groups())), "..".join(parts))
