"""Printed names made comparable: padding, width, script variants, footnote marks, kinds of place, two languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200  # characters; no table prints a longer name of a place

# Traditional characters of Chinese place names and of the words for kinds of place.
_TRADITIONAL = (
    "東东區区縣县廣广寧宁遼辽龍龙蘇苏陝陕慶庆貴贵雲云臺台灣湾門门島岛陽阳連连營营錦锦蘆芦蕪芜馬马鞍鞍銅铜陵陵黃黄"
    "廈厦鷹鹰贛赣饒饶濟济濰潍煙烟臨临濱滨澤泽鄭郑開开許许漢汉荊荆鄂鄂襄襄隨随長长嶽岳張张陰阴衡衡婁娄懷怀潁颍"
    "湘湘韶韶頭头門门湛湛惠惠陽阳東东莞莞潮潮揭揭雲云賀贺來来賓宾貢贡爐炉綿绵達达內内樂乐資资遂遂巴巴涼凉黔黔節节"
    "銅铜寶宝鹹咸渭渭漢汉榆榆蘭兰關关張张掖掖銀银隴陇爾尔齊齐哈哈鶴鹤雙双雞鸡鷄鸡綏绥丹丹瀋沈邊边圖图蘭兰倫伦貝贝"
    "賓宾錫锡盟盟興兴騰腾鄉乡鎮镇總总計计國国農农業业諸诸孫孙壯壮傣傣羅罗維维吾吾爾尔薩萨魯鲁烏乌魚鱼番番韓韩"
    "義义圍围無无滄沧邢邢邯邯鄲郸滬沪渝渝縉缙麗丽處处紹绍興兴溫温衢衢亳亳滁滁懷怀遠远巢巢蕭萧銅铜肅肃經经絲丝"
    "橋桥澗涧鄲郸欒栾灤滦灘滩淶涞樺桦樹树賽赛順顺撫抚鳳凤莊庄棗枣棲栖巖岩岩岩峽峡蔭荫繩绳渾浑漵溆瀘泸滎荥華华"
    "萬万僅仅麼么個个與与學学實实專专們们傈傈僳僳獨独島岛嶼屿嶺岭澳澳場场塢坞報报鐵铁鋼钢鎢钨錳锰礦矿鹽盐鹼碱"
    "穌稣鄰邻酈郦釐厘鍾钟鐘钟鑲镶閩闽閬阆聞闻闊阔階阶際际陳陈陸陆飛飞駐驻驛驿騎骑鮮鲜鳥鸟麥麦徳德黨党齡龄"
)
SIMPLER = {ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True) if old != new}

_MARKS = re.compile("[*＊†‡§¶※①-⓿❶-➓⁰-⁹²³¹ª-ºᵃ-ᵿ]")
_NOTE = re.compile(
    r"[\[(〔【](?:注\s*)?(?:[0-9]{1,2}|[a-z])?[\])〕】]\s*$|(?<=[\u4e00-\u9fff])\s*(?:注\s*)?[0-9]{1,2}\s*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?:[0-9]{1,4}(?:\s*[.、)]\s*|\s+)|[一二三四五六七八九十]{1,3}、)(?=[\u4e00-\u9fff])")
_AMONG = re.compile(r"^\s*(?:#|其中\s*[::]|其中)\s*")
_HAN = re.compile(r"[\u3400-\u9fff〇]+")
_HAN_SPACE = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_BREAK = re.compile(r"[,;/|()\[\]{}<>:·]+|\s[-–—]\s")
_NOT_KEY = re.compile(r"[^a-z0-9&]+")
_FORMULA = ("=", "+", "@")  # how a formula begins in a spreadsheet
_QUOTES = str.maketrans(dict.fromkeys("’‘`´ʼ′＇", "'"))

# Chinese words for kinds of place, longest first, and the levels they can mean.
SUFFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("特别行政区", ("province",)),
    ("经济技术开发区", ("district",)),
    ("经济开发区", ("district",)),
    ("自治区", ("province",)),
    ("自治州", ("prefecture",)),
    ("自治县", ("county",)),
    ("管理区", ("district",)),
    ("开发区", ("district",)),
    ("自治旗", ("county",)),
    ("地区", ("prefecture",)),
    ("矿区", ("district",)),
    ("林区", ("county",)),
    ("特区", ("district",)),
    ("省", ("province",)),
    ("市", ("prefecture", "county_city", "province")),
    ("盟", ("prefecture",)),
    ("州", ("prefecture",)),
    ("县", ("county",)),
    ("区", ("district",)),
    ("旗", ("county",)),
)
# English and pinyin words for kinds of place, as they end a name.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("autonomous region", ("province",)),
    ("autonomous prefecture", ("prefecture",)),
    ("autonomous county", ("county",)),
    ("special administrative region", ("province",)),
    ("province", ("province", "state")),
    ("sheng", ("province",)),
    ("municipality", ("province", "prefecture")),
    ("prefecture", ("prefecture",)),
    ("diqu", ("prefecture",)),
    ("zhou", ("prefecture",)),
    ("league", ("prefecture",)),
    ("meng", ("prefecture",)),
    ("county level city", ("county_city",)),
    ("city", ("prefecture", "county_city", "province")),
    ("shi", ("prefecture", "county_city", "province")),
    ("district", ("district",)),
    ("qu", ("district",)),
    ("county", ("county",)),
    ("xian", ("county",)),
    ("state", ("state",)),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed name taken apart: Chinese runs, Latin parts (each a readable lower-case text), and what it was."""

    text: str
    chinese: tuple[str, ...] = ()
    latin: tuple[str, ...] = ()
    whole: str = ""  # all Latin words as one part, for names that hold a comma or a bracket themselves

    @property
    def empty(self) -> bool:
        """Whether nothing that could be a name is left."""
        return not (self.chinese or self.latin)


@lru_cache(maxsize=1 << 16)
def taken_apart(text: str) -> Printed:
    """A printed name without padding, marks and notes, in its Chinese and Latin parts.

    Longer than `LONGEST` characters, a formula, or without a letter: an empty one.
    """
    if len(text) > LONGEST or text.lstrip()[:1] in _FORMULA:
        return Printed(text)
    bare = unicodedata.normalize("NFKC", _MARKS.sub("", text)).translate(SIMPLER).translate(_QUOTES)
    bare = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in bare)
    bare = " ".join(bare.split())
    bare = _NUMBERED.sub("", _NOTE.sub("", _AMONG.sub("", bare)))
    bare = _HAN_SPACE.sub("", bare)
    chinese = tuple(_HAN.findall(bare))
    rest = _HAN.sub(" ; ", bare)
    latin = tuple(part for part in (_readable(piece) for piece in _BREAK.split(rest)) if part)
    return Printed(text, chinese, latin, _readable(rest.replace(";", " ")))


def _readable(piece: str) -> str:
    words = " ".join(piece.split()).strip(" .'-–—\"")
    return words.casefold() if any(c.isalpha() for c in words) else ""


def chinese_key(text: str) -> str:
    """The simplified Chinese characters of a name, without anything between them."""
    return "".join(_HAN.findall(text.translate(SIMPLER)))


@lru_cache(maxsize=1 << 16)
def latin_key(text: str) -> str:
    """The letters and digits of a Latin name, without accents, spaces, hyphens and apostrophes: `Xi'an` → `xian`."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return _NOT_KEY.sub("", "".join(c for c in decomposed if not unicodedata.combining(c)))


def chinese_stem(name: str) -> tuple[str, str, tuple[str, ...]]:
    """A Chinese name in stem, word for its kind, and the levels this word can mean; at least two characters stay."""
    for suffix, levels in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)], suffix, levels
    return name, "", ()


def latin_stem(name: str) -> tuple[str, tuple[str, ...]]:
    """A readable Latin name without a word for its kind at the end, and the levels which that word can mean."""
    spaced = name.replace("-", " ")
    for word, levels in _WORDS:
        if spaced.endswith(" " + word):
            return spaced[: -len(word) - 1].strip(), levels
    return name, ()
