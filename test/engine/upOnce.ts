// Deploys once, so that a test can kill what deploys: node upOnce.js ROOT LAB FILE, where ROOT is the project's folder, LAB
// that of the lab, and FILE the stack file.
import { openLabEngine } from "./labProject";

const [root = "", lab = "", file = ""] = process.argv.slice(2);

void openLabEngine(root, lab).then((engine) => engine.up({ file }));
