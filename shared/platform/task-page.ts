import { facts, type Html, html } from '../http/page.ts';
import type { Task } from './task.ts';

/** What an action link shows before anything happens: the task, and a form that does it. */
export function taskPage(task: Task, action: string): Html {
  const label = task.actions.find(({ key }) => key === action)?.label ?? action;
  return html`${facts({ Task: task.title, Due: task.dueAt })}
<form method="post"><input type="hidden" name="action" value="${action}">
<label>Note <textarea name="note" rows="3" maxlength="2000"></textarea></label><button>${label}</button></form>`;
}

/** What it shows once the task is done, by whichever door. */
export const taskDonePage = (task: Task): Html =>
  html`<p>Done: ${task.completed?.action ?? task.status}. You can close this page.</p>${facts({ Task: task.title, Note: task.completed?.note })}`;
