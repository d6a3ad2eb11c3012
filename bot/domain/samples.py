"""What voices say when somebody tries them: a sentence in each language, and who can say it."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.languages import SPEAKER
from bot.domain.reply import SoundFile

# ruff: noqa: E501, RUF001 - other scripts are meant
SENTENCES = {
    "en": "Hello! This is how I sound. Shall we talk about the weather, or about something new?",
    "ar": "مرحبًا! هكذا يبدو صوتي. هل نتحدث عن الطقس أم عن شيء جديد؟",
    "cs": "Ahoj! Takhle zním. Budeme si povídat o počasí, nebo o něčem novém?",
    "da": "Hej! Sådan lyder jeg. Skal vi tale om vejret eller om noget nyt?",
    "de": "Hallo! So klinge ich. Sprechen wir über das Wetter oder über etwas Neues?",
    "es": "¡Hola! Así sueno yo. ¿Hablamos del tiempo o de algo nuevo?",
    "fi": "Hei! Tältä minä kuulostan. Puhutaanko säästä vai jostakin uudesta?",
    "fr": "Bonjour ! Voilà ma voix. Parlons-nous du temps qu'il fait ou d'autre chose ?",
    "it": "Ciao! Ecco la mia voce. Parliamo del tempo o di qualcosa di nuovo?",
    "ja": "こんにちは。私の声はこんな感じです。天気の話をしましょうか、それとも何か新しい話を?",
    "ko": "안녕하세요! 제 목소리는 이렇습니다. 날씨 이야기를 할까요, 아니면 새로운 이야기를 할까요?",
    "nl": "Hallo! Zo klink ik. Zullen we het over het weer hebben, of over iets nieuws?",
    "no": "Hei! Slik høres jeg ut. Skal vi snakke om været eller om noe nytt?",
    "pl": "Cześć! Tak właśnie brzmię. Porozmawiamy o pogodzie czy o czymś nowym?",
    "pt": "Olá! A minha voz é assim. Falamos do tempo ou de alguma coisa nova?",
    "pt-BR": "Olá! A minha voz é assim. Vamos falar do tempo ou de alguma coisa nova?",
    "ro": "Bună! Așa sună vocea mea. Vorbim despre vreme sau despre ceva nou?",
    "ru": "Привет! Вот так я звучу. Поговорим о погоде или о чём-нибудь новом?",
    "sv": "Hej! Så här låter jag. Ska vi prata om vädret eller om något nytt?",
    "tr": "Merhaba! Sesim böyle. Havadan mı konuşalım, yoksa yeni bir şeyden mi?",
    "uk": "Привіт! Ось так я звучу. Поговоримо про погоду чи про щось нове?",
    "zh": "你好！这就是我的声音。我们聊聊天气，还是聊点新鲜的？",
}
"""By the codes of `languages`."""

_FIRST = "en"


@dataclass(frozen=True, slots=True)
class Line:
    """What a voice is to say.

    Attributes:
        language: its code.
        text: the sentence.
        instead_of: the language that was wanted but is not spoken; None when it is the wanted one.

    """

    language: str
    text: str
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A voice that says a line. `said` are the words that came instead; None for the right ones."""

    voice: str
    line: Line
    sound: SoundFile
    said: str | None = None


def line_for(chosen: str, locale: str, spoken: Collection[str]) -> Line:
    """Choose what to say to a member.

    Args:
        chosen: the code of the language that is set for them, or `SPEAKER`.
        locale: of their Discord client, such as `pt-BR` or `en-GB`.
        spoken: the codes of the languages that the voices speak, in lower case; all when empty.

    """
    wanted = locale if chosen == SPEAKER else chosen
    code = wanted if wanted in SENTENCES else wanted.partition("-")[0]
    language = code if code in SENTENCES else _FIRST
    if spoken and language.lower() not in spoken:
        fallback = next((each for each in SENTENCES if each.lower() in spoken), _FIRST)
        return Line(fallback, SENTENCES[fallback], instead_of=language)
    return Line(language, SENTENCES[language])
