// Sends the file with its progress shown, and puts the report in the form's place. Without this, the
// form does the same by itself. The file is shown beside the report from the visitor's own disk.

const form = document.getElementById("verify");
const [input, drop, bar, cancel] = ["file", "drop", "bar", "cancel"].map((id) => document.getElementById(id));
const words = form.dataset;
let request = null;

const tell = (status, wrong = "") => {
  document.getElementById("status").textContent = status;
  document.getElementById("wrong").textContent = wrong;
};

function busy(yes) {
  bar.hidden = cancel.hidden = !yes;
  bar.removeAttribute("value");
  form.querySelector("button.primary").disabled = input.disabled = yes;
  if (!yes) input.focus();
}

function stop(wrong) {
  request = null;
  busy(false);
  tell("", wrong);
}

function send(file) {
  if (file.size > Number(words.maxBytes)) return tell("", words.tooLarge);
  const body = new FormData();
  body.append("file", file);
  request = new XMLHttpRequest(); // fetch cannot tell how much was sent
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = loaded / total;
    tell(`${words.uploading} ${Math.floor((100 * loaded) / total)} %`);
  };
  request.upload.onload = () => {
    bar.removeAttribute("value");
    tell(words.examining);
  };
  request.onload = () => show(request, file);
  request.onerror = () => stop(words.failed);
  request.onabort = () => stop(words.stopped);
  request.open("POST", form.action);
  request.send(body);
  busy(true);
}

function show({ status, responseText, responseURL }, file) {
  const page = new DOMParser().parseFromString(responseText, "text/html");
  const report = status === 200 && page.getElementById("verdict");
  if (!report) return stop(page.getElementById("problem")?.textContent ?? words.failed);
  history.pushState(null, "", responseURL);
  document.title = page.title;
  document.getElementById("main").replaceWith(page.getElementById("main"));
  showLocally(file);
  document.getElementById("verdict").focus();
}

function showLocally(file) {
  const picture = document.createElement(file.type.startsWith("image/") ? "img" : "video");
  const figure = document.getElementById("local");
  const appear = () => {
    figure.hidden = document.getElementById("pictures").hidden = false;
    if (picture.duration) offerStarts(picture);
  };
  picture.onload = picture.onloadeddata = appear; // not where the browser cannot play it
  if (picture.localName === "video") Object.assign(picture, { controls: true, muted: true, preload: "auto" });
  else picture.alt = "";
  picture.src = URL.createObjectURL(file);
  figure.prepend(picture);
}

function offerStarts(video) {
  for (const stretch of document.querySelectorAll("[data-start]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = stretch.parentElement.dataset.show;
    button.onclick = () => {
      video.currentTime = Number(stretch.dataset.start);
      video.scrollIntoView({ block: "nearest" });
    };
    stretch.append(" ", button);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!request && input.files.length) send(input.files[0]);
});
cancel.addEventListener("click", () => request?.abort());
document.getElementById("hint").hidden = false;
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (request || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  send(input.files[0]);
});
addEventListener("popstate", () => location.reload()); // back to the form
