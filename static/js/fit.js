// What of the composer can be chosen with what: the rest stays in sight, gray, with the reason. Used by composer.js.

/** A length that the model decides is no choice among others: either it stands alone, or not at all. */
const OWN_LENGTH = "0";

/** Leave only `values` to choose from; if the choice was another one, make it the wish or `fallback`. */
function allow(name, values, fallback, reasonFor) {
  const control = composer().elements[name];
  for (const option of control instanceof RadioNodeList ? control : [control]) {
    option.disabled = !values.includes(option.value);
    const place = option.closest("label");
    place.hidden = option.disabled && (!reasonFor || [option.value, ...values].includes(OWN_LENGTH));
    place.classList.remove("unfit");
    if (reasonFor) option.title = place.title = option.disabled ? reasonFor(option.value, place.textContent.trim()) : "";
  }
  const wish = values.includes(wishes[name]) ? wishes[name] : control.value;
  control.value = values.includes(wish) ? wish : fallback;
}

/** Why a value of `trait` ("ratios", "durations" or "sizes") is none with this model, and who has it. */
const whyNot = (model, trait) => (value, words) => {
  const has = ({ modes }) => Object.values(modes).some(({ sizes }) =>
    trait === "sizes" ? value in sizes : Object.values(sizes).some((size) => size[trait].includes(value)));
  if (has(model)) return "Not with this mode and size.";
  const others = catalog.providers.flatMap(({ models }) => models).filter(has).map(({ label }) => label);
  return [`${model.label} doesn’t support ${words}.`, others.length ? `Use ${either.format(others)}.` : ""].join(" ").trim();
};
const either = new Intl.ListFormat("en", { type: "disjunction" });

// A finger has no pointer to rest on it: what it taps says why not, below.
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-choice] label, .modes label");
  if (place) say(place.closest(".modes") ? "mode-hint" : "why-not", place.title);
});
