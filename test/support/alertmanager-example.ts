/** The migration example of docs/notifications.md: an Alertmanager's configuration, and ours. */
import { readText } from '../../scripts/source-files.ts';

const PAGE = readText('docs/notifications.md');

export const THEIRS = fence('theirs');
export const OURS = fence('ours');
/** What `squilla notify convert` says beside it. */
export const NOTES =
  /^```text\n([\s\S]*?)^```$/m.exec(PAGE.split('\nand says\n')[1] ?? '')?.[1] ?? '';

function fence(name: string): string {
  return (
    new RegExp(`^\`\`\`yaml alertmanager ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1] ?? ''
  );
}
