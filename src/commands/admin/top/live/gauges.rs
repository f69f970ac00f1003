//! How full the host is: a gauge for each of its goods.

use ratatui::style::Color;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::marks::bar;
use crate::commands::admin::top::plain::binary;
use crate::commands::admin::top::report::{Report, number};

/// At least so many lines, so that nothing jumps when a GPU comes.
const LINES: usize = 2;

/// The host's CPU and memory, and its GPUs where there are any.
pub(super) fn gauges(report: &Report, width: usize, look: Look) -> Vec<Line<'static>> {
    let Report { host, outside, .. } = report;
    let cpus = f64::from(host.cpus.max(1)) * 100.0;
    let cpu = host.share.cpu_percent;
    let of_cpus = if host.cpus == 1 { "cpu" } else { "cpus" };
    let mut all = vec![
        Gauge {
            name: "CPU",
            whole: cpu.unwrap_or_default() / cpus,
            outside: outside.cpu_percent.unwrap_or_default() / cpus,
            text: match cpu {
                Some(cpu) => format!("{:.0}% of {} {of_cpus}", cpu / cpus * 100.0, host.cpus),
                None => String::new(),
            },
        },
        Gauge {
            name: "MEM",
            whole: number(host.share.memory) / number(host.memory_total.max(1)),
            outside: number(outside.memory) / number(host.memory_total.max(1)),
            text: format!(
                "{} of {}",
                binary(host.share.memory),
                binary(host.memory_total)
            ),
        },
    ];
    if let (Some(gpus), Some(total)) = (host.gpus, host.gpu_memory_total) {
        let most = f64::from(gpus.max(1)) * 100.0;
        let percent = |share: Option<f64>| share.unwrap_or_default() / most;
        let memory = |share: Option<u64>| number(share.unwrap_or_default()) / number(total.max(1));
        let used = host.share.gpu_memory.unwrap_or_default();
        all.push(Gauge {
            name: "GPU",
            whole: percent(host.share.gpu_percent),
            outside: percent(outside.gpu_percent),
            text: format!("{:.0}% of {gpus}", percent(host.share.gpu_percent) * 100.0),
        });
        all.push(Gauge {
            name: "GPU MEM",
            whole: memory(host.share.gpu_memory),
            outside: memory(outside.gpu_memory),
            text: format!("{} of {}", binary(used), binary(total)),
        });
    }
    let mut lines: Vec<Line<'static>> = all
        .chunks(2)
        .map(|pair| {
            let each = width.saturating_sub(2) / 2;
            let mut spans = Vec::new();
            for (at, gauge) in pair.iter().enumerate() {
                if at > 0 {
                    spans.push(Span::raw("  "));
                }
                // What stands below each other begins and ends together.
                let names = all.iter().skip(at).step_by(2).map(|gauge| gauge.name.len());
                let name = names.max().unwrap_or_default();
                spans.extend(gauge.spans(name, each, look));
            }
            Line::from(spans)
        })
        .collect();
    lines.resize(lines.len().max(LINES), Line::default());
    lines
}

/// How full the host is, and how much of that is not the spaces'.
struct Gauge {
    name: &'static str,
    /// Of 1.
    whole: f64,
    outside: f64,
    text: String,
}

impl Gauge {
    fn spans(&self, name: usize, width: usize, look: Look) -> Vec<Span<'static>> {
        let text = format!("{:>20}", self.text);
        let inside = width.saturating_sub(name + text.chars().count() + 4);
        // First what the spaces use, then the rest, in another shade.
        let spaces = bar((self.whole - self.outside).max(0.0), inside, look.blocks);
        let spaces = spaces.trim_end();
        let whole = bar(self.whole, inside, look.blocks);
        let whole = whole.trim_end().chars().count();
        let rest = whole.saturating_sub(spaces.chars().count());
        let shade = if look.blocks { "\u{2591}" } else { "-" };
        let empty = inside.saturating_sub(spaces.chars().count() + rest);
        vec![
            Span::raw(format!("{:name$} [", self.name)),
            Span::styled(spaces.to_owned(), look.coloured(Color::Cyan)),
            Span::styled(shade.repeat(rest), look.coloured(Color::DarkGray)),
            Span::raw(" ".repeat(empty)),
            Span::raw(format!("] {text}")),
        ]
    }
}
