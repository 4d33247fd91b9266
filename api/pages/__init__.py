"""The people's pages: the log and its health, the moderators' queue, and anybody's `/verify`.

Each works as plain HTML; small scripts keep a page fresh, check a proof in the browser, and show
how far an upload is.
Nothing is loaded from elsewhere.
"""
