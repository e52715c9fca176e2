"""Who opens a link: people, also in the browsers of chat programs, and programs (124)."""

from __future__ import annotations

import pytest

from jobs.shares import is_robot

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
CHROME = "Version/4.0 Chrome/156.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "agent",
    [
        f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
        f"{ANDROID} {CHROME} Telegram-Android/11.2.3 (Google Pixel 9; Android 15; SDK 35; HIGH)",
        f"{IPHONE} Mobile/15E148 Instagram 340.0.0.20.94 (iPhone14,5; iOS 18_1; de_DE; de)",
        f"{IPHONE} Mobile/22B83 [FBAN/FBIOS;FBAV/471.0.0.35.109;FBDV/iPhone15,2;FBLC/de_DE]",
        f"{ANDROID} {CHROME} [FB_IAB/FB4A;FBAV/465.0.0.60.83;] MetaIAB Facebook",
        f"{IPHONE} Mobile/15E148 WhatsApp/2.24.1",
        f"{ANDROID} {CHROME} WhatsApp/2.24.13.77",
        f"{ANDROID} {CHROME} Line/14.10.0/IAB",
        f"{ANDROID} {CHROME} Viber/22.9",
        f"{ANDROID} {CHROME} KAKAOTALK 10.4.5",
        f"{IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN",
        f"{IPHONE} Mobile/15E148 [Pinterest/iOS]",
        f"{IPHONE} Mobile/15E148 Twitter for iPhone/10.43",
        f"{DESKTOP} Slack/4.39.95 Chrome/126.0.6478.114 Electron/31.1.0 Safari/537.36",
        f"{DESKTOP} Teams/24165.1410 Chrome/124.0 Electron/30 Safari/537.36",
        f"{DESKTOP} discord/1.0.9152 Chrome/124.0.6367.243 Electron/30.2.0 Safari/537.36",
        f"{DESKTOP} SkypeShell Chrome/126.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; CUBOT X30) AppleWebKit/537.36 Chrome/156.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 14; ruby; Java) AppleWebKit/537.36 Chrome/156.0 Safari/537.36",
        "SomethingNobodyKnows/1.0",
    ],
)
def test_who_looks_with_a_browser_is_a_person_in_whatever_program_it_opens(agent: str) -> None:
    assert not is_robot(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "TelegramBot (like TwitterBot)",
        "WhatsApp/2.23.20.0 A",
        "WhatsApp",
        "Viber",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1",
        f"{DESKTOP} Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "facebookexternalhit/1.1;line-poker/1.0",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        f"{DESKTOP} SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/156.0 (compatible; Googlebot/2.1)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
        "Mozilla/5.0 (compatible; NobodyKnowsIt/1.0; +https://unheard-of.example/about)",
        "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
        f"{DESKTOP} HeadlessChrome/156.0 Safari/537.36",
        "curl/8.5.0",
        "python-requests/2.32",
        "Go-http-client/1.1",
    ],
)
def test_programs_are_known_by_what_they_call_themselves(agent: str) -> None:
    assert is_robot(agent)
