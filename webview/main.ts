import { App } from './app.ts';
import { registerControls } from './components/toolkit.ts';
import { Host } from './host.ts';

registerControls();
const root = document.getElementById('chat');
if (root !== null) new App(new Host(), root);
