"""The people's pages: the log and its health, the moderators' queue.

Each works as plain HTML; two small scripts keep a page fresh and check a proof in the browser.
Nothing is loaded from elsewhere.
"""
