// Says so on the page when the browser makes or finds no passkey: cancelled, unknown here, or not offered
// at this address. The work itself is allauth's (mfa/js/webauthn.js).

const trouble = document.getElementById("passkey-trouble");
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  trouble.hidden = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-passkey]")) trouble.hidden = true;
}, true);
