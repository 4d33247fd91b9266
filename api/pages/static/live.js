// Keeps what is marked `data-live` as the server would show it now.

const SECONDS = 2;
const pause = document.getElementById("pause");

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", paused);
    pause.textContent = paused ? "Go on with updates" : "Pause updates";
  });
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    // What somebody is about to press or to copy must not move away.
    if (old.contains(document.activeElement) || !getSelection().isCollapsed) continue;
    const open = old.querySelector("details")?.open;
    const fresh = page.getElementById(old.id);
    if (fresh.innerHTML === old.innerHTML) continue;
    old.replaceChildren(...fresh.childNodes);
    if (open) old.querySelector("details")?.setAttribute("open", "");
  }
}

async function keepFresh() {
  const idle = document.hidden || pause?.getAttribute("aria-pressed") === "true";
  if (!idle) await refresh().catch(() => {}); // a server that restarts comes back
  setTimeout(keepFresh, 1000 * SECONDS);
}

setTimeout(keepFresh, 1000 * SECONDS);
