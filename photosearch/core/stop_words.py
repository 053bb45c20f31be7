"""English and Chinese words that hold a sentence together and say little of what is in a picture."""

from photosearch.core.chinese import simplified

_MARKS = ".,;:!?，。；：！？、"
_WORDS = """
a about above across after again against all along also am among an and another any are around as at
away back be because been before behind being below beneath beside between beyond both but by can
could did do does doing done down during each either else ever every few for from get gets getting
goes going had has have having he her here hers herself him himself his how i if in inside into is
it its itself just like many may me might more most much my myself near next no nor not of off on
one onto or other others our ours out outside over own past per s she should since so some such than
that the their theirs them themselves then there these they this those through to together too
toward towards two under until up upon us very was we were what when where which while who whom
whose why will with within without would you your yours three four five several something someone
while whilst amid via
的 了 着 过 地 得 在 是 有 没有 没 不 也 都 就 还 很 最 更 太 和 与 及 跟 同 或 而 且
但 并 把 被 让 给 对 向 往 从 到 由 于 以 为 用 上 下 里 中 内 外 前 后 旁 边 旁边
上面 下面 里面 前面 后面 中间 之间 之中 一边 一起 一 一个 一只 一条 一位 一名 一群 一些 一张
一种 两 两个 两只 两人 几 几个 个 只 条 位 名 群 些 张 种 这 那 这个 那个 他 她 它 我 你
们 他们 她们 我们 正 正在 来 去 起 出 起来 出来 过来 时 时候 拍 拍照
"""
STOP_WORDS = frozenset(_WORDS.split())


def is_stop_word(word: str) -> bool:
    """Whether a word as it was typed is one of them, whatever marks stand beside it."""
    return simplified(word.casefold().strip(_MARKS)) in STOP_WORDS
