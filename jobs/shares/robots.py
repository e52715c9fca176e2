"""Tells robots, which look at a link before a person or instead of one, from people's browsers.

A program is known by what it calls itself, as a whole name. Names are no parts of names: the
browser inside of a chat program bears that program's name, and a phone is called CUBOT. What
nobody knows is a person's.
"""

from __future__ import annotations

import re

NAME = re.compile(r"\w[\w.-]*", re.ASCII)
OPERATOR = re.compile(r"\+\s?https?://")
"""The address at which a program's operator is asked about it; no browser gives one."""

PREVIEWERS = """
    telegrambot slackbot slackbot-linkexpanding slack-imgproxy facebookexternalhit facebot
    facebookcatalog meta-externalagent meta-externalfetcher twitterbot discordbot linkedinbot
    skypeuripreview microsoftpreview bingpreview pinterestbot redditbot vkshare embedly iframely
    mattermost-bot zoombot notion-bot groupmebot keybasebot dingtalkbot-linkservice line-poker
    kakaotalk-scrap cardyb snapurlpreview googledocs google-pagerenderer
"""
SEARCHERS = """
    googlebot googlebot-image googlebot-video googleother google-inspectiontool google-read-aloud
    adsbot-google apis-google bingbot msnbot yandexbot baiduspider linespider duckduckbot applebot
    petalbot slurp seznambot bytespider amazonbot ccbot gptbot chatgpt-user oai-searchbot claudebot
    claude-user perplexitybot ahrefsbot semrushbot mj12bot dotbot ia_archiver archive.org_bot
    uptimerobot pingdom
"""
OTHERS = "headlesschrome phantomjs chrome-lighthouse bot robot crawler spider"
ROBOTS = frozenset(f"{PREVIEWERS} {SEARCHERS} {OTHERS}".split())

APPS = "whatsapp viber signal line skype teams slack discord telegram"
SERVERS = "mastodon synapse rocket.chat"
TOOLS = """
    curl wget python-requests python-urllib python-httpx python aiohttp httpx scrapy go-http-client
    java apache-httpclient okhttp axios node-fetch node undici got libwww-perl ruby http.rb
    guzzlehttp
"""
FIRST = frozenset(f"{APPS} {SERVERS} {TOOLS}".split())
"""Names of robots where an agent begins with them. The browser of an app calls itself a browser
first, as every browser does, and a word like java stands in those of phones."""


def is_robot(agent: str) -> bool:
    """The User-Agent is that of a program known to fetch links by itself; or there is none."""
    names = NAME.findall(agent.lower())
    if not names or OPERATOR.search(agent):
        return True
    return names[0] in FIRST or not ROBOTS.isdisjoint(names)
