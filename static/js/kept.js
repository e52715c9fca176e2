// Keeps what was typed on the page that led to this one, which says that a session had ended (js/typed.js): for its
// person, until they are back. The line that promises it is shown where this browser holds what was not sent.
try {
  const { key, forms } = JSON.parse(sessionStorage.getItem("dailies:typed")) ?? {};
  if (key) localStorage.setItem(key, JSON.stringify(forms));
  sessionStorage.removeItem("dailies:typed");
  document.getElementById("kept").hidden = !Object.keys(localStorage).some((each) => each.startsWith("draft-"));
} catch { /* Storage may be forbidden; then nothing is kept, and nothing promised. */ }
