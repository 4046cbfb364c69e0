"""Text of many languages in the encodings of its time, short and long, labelled and not."""

from __future__ import annotations

from itertools import product

import pytest

from documents_app.extraction.charset import codec
from documents_app.extraction.decode import decode
from documents_app.extraction.registry import extract

WESTERN = ("cp1252",)
CENTRAL = ("cp1250", "iso8859_2")
SENTENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "German": ("Der Zellkern enthält die Erbinformation und steuert die Zelle über Proteine.", WESTERN),
    "German with signs": ("Die Größe: 5 µm, ein naïver Versuch, 20 €.", WESTERN),
    "German list": ("Land;Hauptstadt;Fläche\nÖsterreich;Wien;83.879\nDänemark;København;42.924", WESTERN),
    "French": ("L'élève modèle : où, ça, naïf. Une forêt, une œuvre.", ("cp1252", "mac_roman")),
    "French list": ("nom;prénom;âge\nLefèvre;Hélène;21\nGarçon;Jérôme;22", ("cp1252", "mac_roman", "cp850")),
    "Spanish": ("¿Qué es la ósmosis? El niño aprendió.", ("cp1252", "mac_roman")),
    "Portuguese": ("Não há ação sem reação. A fotossíntese é o processo.", ("cp1252", "mac_roman")),
    "Italian": ("Perché la città è così? È più facile.", ("cp1252", "mac_roman")),
    "English": ("The café’s “naïve” approach costs £5 or €6 per ½ litre at 20 °C ± 0.5.", WESTERN),
    "Swedish": ("Växter gör åtta ämnen av ljus och öar.", WESTERN),
    "Danish": ("Rødgrød på Ærø, blåbær og æbler.", WESTERN),
    "Finnish": ("Yhteyttäminen tapahtuu viherhiukkasissa, ääliö älä lyö.", WESTERN),
    "Icelandic": ("Ljóstillífun er það ferli þegar plöntur mynda súrefni.", WESTERN),
    "Polish": ("Fotosynteza to proces, w którym zielone rośliny zamieniają światło. Żółć, łąka, źródło.", CENTRAL),
    "Czech": ("Příliš žluťoučký kůň úpěl ďábelské ódy. Buňky přeměňují světlo na energii.", CENTRAL),
    "Hungarian": ("Árvíztűrő tükörfúrógép. A növények fényenergiát használnak, ősz hő.", CENTRAL),
    "Romanian": ("Fotosinteza este procesul prin care plantele transformă lumina în energie.", CENTRAL),
    "Turkish": ("Fotosentez, bitkilerin ışık enerjisini kullandığı süreçtir. Çiçek, öğrenci.", ("cp1254",)),
    "Lithuanian": (
        "Fotosintezė yra procesas, kurio metu šviesos energija virsta chemine. Žaliųjų ąžuolų.",
        ("cp1257",),
    ),
    "Russian": (
        "Фотосинтез превращает энергию света в химическую энергию.",
        ("cp1251", "koi8_r", "iso8859_5", "cp866"),
    ),
    "Ukrainian": ("Фотосинтез перетворює енергію світла в хімічну енергію. Їжа є.", ("cp1251", "koi8_u")),
    "Bulgarian": ("Фотосинтезата превръща светлината в химична енергия.", ("cp1251",)),
    "Greek": ("Η φωτοσύνθεση μετατρέπει την ενέργεια του φωτός σε χημική ενέργεια.", ("cp1253", "iso8859_7")),
    "Hebrew": ("המיטוכונדריה הופכת אנרגיית אור לאנרגיה כימית.", ("cp1255",)),
    "Arabic": ("التمثيل الضوئي يحول طاقة الضوء إلى طاقة كيميائية.", ("cp1256",)),
    "Thai": ("การสังเคราะห์ด้วยแสงเปลี่ยนพลังงานแสงเป็นพลังงานเคมี", ("cp874",)),
    "Japanese": ("光合成は光エネルギーを化学エネルギーに変換します。", ("shift_jis", "euc_jp", "iso2022_jp")),
    "Korean": ("광합성은 빛 에너지를 화학 에너지로 바꾼다.", ("euc_kr",)),
    "Chinese": ("光合作用把光能转化为化学能。细胞膜很重要。", ("gbk", "gb18030")),
    "Traditional Chinese": ("光合作用把光能轉化為化學能。細胞膜很重要。", ("big5",)),
}
CASES = [
    (language, encoding, times)
    for (language, (_, encodings)), times in product(SENTENCES.items(), (1, 40))
    for encoding in (*encodings, "utf-8", "utf-8-sig", "utf-16", "utf-32")
]


@pytest.mark.parametrize(("language", "encoding", "times"), CASES)
def test_a_text_survives_its_encoding(language: str, encoding: str, times: int) -> None:
    text = f"{SENTENCES[language][0]}\n" * times
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    "text",
    "£5|£5 and £6|x² + y² = z²|25 °C|± 0.5|½ litre|¼ ½ ¾|5 m³|10 µm|5 µg|§ 4|3 × 4|ø 5 mm|10¹²|It’s|5 €|Österreich|"
    "café|¡Hola!|«oui»|señor|Straße|¿Qué?|à la carte|Ångström|20 °|© 2020".split("|"),
)
def test_a_few_words_of_windows_1252_are_not_taken_for_another_code_page(text: str) -> None:
    assert decode(text.encode("cp1252"))[0] == text


@pytest.mark.parametrize(
    ("label", "text", "encoding"),
    [
        ("iso-8859-1", "It’s “naïve” – €5", "cp1252"),
        ("us-ascii", "It’s €5", "cp1252"),
        ("gb2312", "朱镕基和光合作用", "gbk"),
        ("Shift_JIS", "①髙橋の光合成", "cp932"),
        ("x-sjis", "①髙橋の光合成", "cp932"),
        ("euc-kr", "똠방각하", "cp949"),
        ("iso-8859-9", "ışık", "cp1254"),
        ("windows-1251", "Клетка", "cp1251"),
        ("x-mac-roman", "élève", "mac_roman"),
        ("tis-620", "แสง", "cp874"),
    ],
)
def test_labels_mean_what_the_encoding_standard_says(label: str, text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), label)[0] == text
    page = b'<html><head><meta charset="' + label.encode() + b'"></head><body><p>' + text.encode(encoding)
    assert extract(page + b"</p></body></html>", "a.html").text == text


def test_a_label_that_the_bytes_contradict_does_not_win() -> None:
    assert decode("Größe".encode(), "iso-8859-1")[0] == "Größe"
    assert decode("Größe und Maß".encode("cp1252"), "utf-8")[0] == "Größe und Maß"
    assert decode("Größe und Maß".encode("cp1252"), "no-such-label")[0] == "Größe und Maß"
    assert codec("no-such-label") is None


def test_guessing_is_bounded_on_long_input() -> None:
    text = "Größe und Maß der Zellen über alles. " * 200_000
    assert decode(text.encode("cp1252"))[0] == text
