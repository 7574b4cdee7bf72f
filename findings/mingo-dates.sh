#!/usr/bin/env bash
# mingo 7.2.7, which answers queries and aggregations of MongoDB in JavaScript
#
# Expected: operators of dates say what MongoDB's manual has for them: a month after January 31 is the last day of February; the ISO year
# is that of the ISO week; `$week` counts from the year's first Sunday, and days before it are of week 0.
# Instead: a month after January 31 is March 3. `$isoWeekYear` and %G give the calendar year, beside the right week, so that
# 2024-W01 has days of January and of December. In most years, `$week` and %U are those of the next week. `$dateFromParts` of
# an ISO week is a day of the year 9999.
# Seen: below. Of the 5,113 days from 2018 to 2031, `$week` and %U differ from what Python's %U says for 3,285, and `$isoWeekYear` for 24.
# Here: queries group by weeks from Monday on, and by months and years, of any time zone. A program that aggregates events with this
# package instead should compute such fields by itself.
. "$(dirname "$0")/seen.sh"

install mingo@7.2.7
cat > dates.mjs << 'END_OF_PROGRAM'
import { aggregate } from 'mingo';

function ask(expression, t) {
  const [{ answer }] = aggregate([{ t: t && new Date(t) }], [{ $project: { answer: expression } }]);
  return answer instanceof Date ? answer.toISOString().slice(0, 10) : answer;
}

console.log('a month later:', ask({ $dateAdd: { startDate: '$t', unit: 'month', amount: 1 } }, '2026-01-31'));
console.log('a year later:', ask({ $dateAdd: { startDate: '$t', unit: 'year', amount: 1 } }, '2024-02-29'));
console.log('ISO week 1 of 2026:', ask({ $dateFromParts: { isoWeekYear: 2026, isoWeek: 1, isoDayOfWeek: 1 } }));
const iso = { $dateToString: { date: '$t', format: '%G-W%V' } };
for (const day of ['2024-01-01', '2024-12-30', '2027-01-01']) {
  console.log(`${day}: ${ask(iso, day)}, ISO year ${ask({ $isoWeekYear: '$t' }, day)}, week ${ask({ $week: '$t' }, day)}`);
}
const days = [];
for (let t = Date.UTC(2018, 0, 1); t < Date.UTC(2032, 0, 1); t += 86_400_000) days.push({ t: new Date(t) });
const format = '%Y-%m-%d %U';
const told = aggregate(days, [
  {
    $project: {
      _id: 0,
      text: { $dateToString: { date: '$t', format } },
      week: { $week: '$t' },
      isoYear: { $isoWeekYear: '$t' },
    },
  },
]);
for (const { text, week, isoYear } of told) console.error(`${text} ${week} ${isoYear}`);
END_OF_PROGRAM
cat > compare.py << 'END_OF_PROGRAM'
import datetime

differ = {'%U': 0, '$week': 0, '$isoWeekYear': 0}
with open('days.txt') as lines:
    for line in lines:
        day, written, week, iso_year = line.split()
        date = datetime.date.fromisoformat(day)
        differ['%U'] += written != date.strftime('%U')
        differ['$week'] += int(week) != int(date.strftime('%U'))
        differ['$isoWeekYear'] += int(iso_year) != date.isocalendar()[0]
print(differ)
END_OF_PROGRAM
node dates.mjs > seen.txt 2> days.txt
compare "a month later: 2026-03-03
a year later: 2025-03-01
ISO week 1 of 2026: 9999-11-30
2024-01-01: 2024-W01, ISO year 2024, week 0
2024-12-30: 2024-W01, ISO year 2024, week 1
2027-01-01: 2027-W53, ISO year 2027, week 0
{'%U': 3285, '\$week': 3285, '\$isoWeekYear': 24}" "$(cat seen.txt && python3 compare.py)"
