// The page: styles, the state of what is seen, and what draws it.

import { render } from 'preact';

import './styles/colours.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/list.css';
import './styles/filter.css';
import './styles/detail.css';
import './styles/panels.css';
import { App } from './components/app.jsx';
import { start } from './view/current.js';
import { applyTheme } from './view/theme.js';

applyTheme();
start();
render(<App />, document.getElementById('app'));
