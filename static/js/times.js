// Moments that end something, told in the reader's own zone. Without this file they stand there in
// the team's, by its name.
const two = (number) => String(number).padStart(2, "0");

function told(moment) {
  const month = new Intl.DateTimeFormat("en-US", { month: "short" }).format(moment);
  const zone = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
    .formatToParts(moment).find(({ type }) => type === "timeZoneName").value;
  return `${moment.getDate()} ${month} ${moment.getFullYear()}, `
    + `${two(moment.getHours())}:${two(moment.getMinutes())} ${zone}`;
}

// Minutes that a clock is ahead of UTC, out of 2026-12-05T11:14:00+01:00.
function ahead(text) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text);
  return Number(`${sign}1`) * (60 * hours + Number(minutes));
}

function tellInOwnZone() {
  for (const each of document.querySelectorAll("time[data-end]:not([data-own])")) {
    const moment = new Date(each.dateTime);
    each.dataset.own = "";
    if (ahead(each.dateTime) === -moment.getTimezoneOffset()) continue;
    each.title = each.textContent;
    each.textContent = told(moment);
  }
}
tellInOwnZone();
document.addEventListener("htmx:after:swap", tellInOwnZone);
