/** Files that are pasted, or dropped anywhere on the page. */

/**
 * @param {HTMLElement} area
 * @param {{add: (files: Iterable<File>) => void}} tray
 * @param {() => boolean} isWelcome
 */
export function watchFiles(area, tray, isWelcome) {
  area.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || !isWelcome()) return;
    event.preventDefault();
    tray.add(files);
  });

  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (over) => document.body.classList.toggle("is-dropping", over);
  addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isWelcome() ? "copy" : "none";
    mark(isWelcome());
  });
  addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
  addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    mark(false);
    if (isWelcome()) tray.add(event.dataTransfer.files);
    area.focus();
  });
}
