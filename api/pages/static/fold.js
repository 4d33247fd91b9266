// Opens what is folded only for want of room.

const wide = matchMedia("(min-width: 48rem)");

for (const fold of document.querySelectorAll("details[data-wide]")) fold.open ||= wide.matches;
