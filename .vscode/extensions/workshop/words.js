// What the extension says, in the language of the chapters. If they're English, or in one that it doesn't know, in the editor's.

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");
const names = require("./package.nls.json");

/** @param {string} file @returns {Record<string, string>} */
const read = (file) => {
  try {
    return JSON.parse(fs.readFileSync(path.join(__dirname, file), "utf8"));
  } catch {
    return {};
  }
};

/**
 * What's known in a language, or in the one that it's a kind of (`zh-cn`, `zh`).
 * @param {string} language @returns {{names: Record<string, string>, texts: Record<string, string>} | undefined}
 */
function wordsOf(language) {
  const code = language.toLowerCase();
  const found = { names: read(`package.nls.${code}.json`), texts: read(`l10n/bundle.l10n.${code}.json`) };
  if (Object.keys(found.texts).length) return found;
  return code.includes("-") ? wordsOf(code.replace(/-[^-]*$/, "")) : undefined;
}

const ENGLISH = { names: {}, texts: {} };
let spoken = "";
let known = wordsOf(vscode.env.language) ?? ENGLISH;

/** From here on, speak the language of the chapters. @param {string} language @returns {boolean} whether that's new */
function speak(language) {
  if (language === spoken) return false;
  spoken = language;
  known = wordsOf(language) ?? wordsOf(vscode.env.language) ?? ENGLISH;
  return true;
}

/** The language of the chapters, or the editor's as long as that isn't known. */
const language = () => spoken || vscode.env.language;

/** A text with its parts, `{0}` and so on. @param {string} text @param {...(string | number)} parts */
const t = (text, ...parts) => (known.texts[text] ?? text).replace(/\{(\d)\}/g, (_, place) => String(parts[place]));

/** A text of the package, by its key. @param {string} key */
const named = (key) => known.names[key] ?? names[key];

module.exports = { speak, language, t, named };
