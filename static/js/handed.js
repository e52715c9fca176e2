// Images that are pasted or dropped into the composer: files, or the picture of another page by its
// address. Uses `composer` of composer.js; `makeRoom`, `send` and `sendFiles` of images.js.

/** Some file managers do not tell the type; what the server does not take, it says. */
const isPicture = (file) => file.type.startsWith("image/") || (!file.type && /\.(avif|gif|hei[cf]|jpe?g|png|webp)$/i.test(file.name));
const takesText = (target) => Boolean(target.closest("textarea, input"));

/** The address of a picture that a page hands over, and nothing else with it; "" where there is none. */
function pictureIn(data) {
  const { body } = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
  const address = body.querySelector("img")?.getAttribute("src") ?? "";
  return /^(https?:|data:image\/)/i.test(address) && !body.textContent.trim() ? address : "";
}

const linkIn = (data) => data.getData("text/uri-list").split(/\r?\n/).find((line) => line && !line.startsWith("#"));

/** A picture of our own as a file, and one that a page holds in itself; any other is the server's to fetch. */
async function sendAddress(address) {
  const [, type, base64] = /^data:(image\/[\w.+-]+);base64,(.*)$/is.exec(address) ?? [];
  if (base64) return sendFiles([new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], "The image", { type })]);
  if (URL.canParse(address) && new URL(address).origin === location.origin) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return sendFiles([new File([await answer.blob()], "The image")]);
  }
  if (makeRoom()) send("link", address, "The link");
}

/** An image of the composer that is dragged is none to be added. */
let isOurs = false;
document.addEventListener("dragstart", (event) => { isOurs = composer().contains(event.target); });
document.addEventListener("dragend", () => { isOurs = false; });

const glow = (isOver) => composer().classList.toggle("over", isOver);
/** What is dragged can be read only when it was dropped; until then its kinds are all there is to know. */
const mayHold = (event) => !isOurs && composer().contains(event.target) && ["Files", "text/uri-list"].some((kind) => event.dataTransfer?.types.includes(kind));
document.addEventListener("dragover", (event) => {
  glow(mayHold(event));
  // A field takes the text of a link by itself.
  if (mayHold(event) && (event.dataTransfer.types.includes("Files") || !takesText(event.target))) event.preventDefault();
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) glow(false); });
document.addEventListener("drop", (event) => {
  glow(false);
  if (!mayHold(event)) return;
  const files = [...event.dataTransfer.files];
  const address = pictureIn(event.dataTransfer) || (!takesText(event.target) && linkIn(event.dataTransfer));
  if (!files.length && !address) return;
  event.preventDefault();
  if (files.some(isPicture) || !address) sendFiles(files);
  else sendAddress(address);
});

document.addEventListener("paste", (event) => {
  if (takesText(event.target) && !composer().contains(event.target)) return;
  const data = event.clipboardData;
  const files = [...data.files].filter(isPicture);
  const hasText = Boolean(data.getData("text/plain").trim());
  // Office programs add a picture of the text they copied, and the text in their own format beside it.
  if (hasText && (!files.length || data.types.includes("text/rtf"))) return;
  const address = !files.length && pictureIn(data);
  if (!files.length && !address) return;
  event.preventDefault();
  if (files.length) sendFiles(files);
  else sendAddress(address);
});
