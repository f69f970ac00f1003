//! GPUs, as the driver's own library tells of them to anybody who asks.
//!
//! The library is loaded only where it is. It knows processes, not containers:
//! whose a process is, the gate says.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::{Device, Nvml};

/// The name that the driver installs; without a number it is the developers' link.
const LIBRARY: &str = "libnvidia-ml.so.1";

/// How far back the driver is asked for what processes did: it looks a few
/// times a second.
const BACK: Duration = Duration::from_secs(1);

/// The library, loaded.
pub(crate) struct Gpus(Nvml);

/// What the GPUs did at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GpuSample {
    pub(crate) gpus: u32,
    /// Bytes of all of them.
    pub(crate) memory_total: u64,
    pub(crate) whole: GpuShare,
    pub(crate) processes: HashMap<u32, GpuShare>,
}

/// A part of the GPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct GpuShare {
    /// 100 is one GPU.
    pub(crate) percent: f64,
    /// Bytes.
    pub(crate) memory: u64,
}

impl GpuShare {
    fn add(&mut self, more: GpuShare) {
        self.percent += more.percent;
        self.memory += more.memory;
    }
}

impl GpuSample {
    /// What these processes use together.
    pub(crate) fn of<'a>(&self, pids: impl IntoIterator<Item = &'a u32>) -> GpuShare {
        let mut sum = GpuShare::default();
        for pid in pids {
            sum.add(self.processes.get(pid).copied().unwrap_or_default());
        }
        sum
    }
}

impl Gpus {
    /// The host's GPUs; none where there is no driver, or no GPU.
    pub(crate) fn find() -> Option<Gpus> {
        let nvml = Nvml::builder().lib_path(OsStr::new(LIBRARY)).init().ok()?;
        let gpus = Gpus(nvml);
        (gpus.0.device_count().ok()? > 0).then_some(gpus)
    }

    /// What they do now. A GPU that does not answer counts nothing.
    pub(crate) fn sample(&self) -> GpuSample {
        let mut sample = GpuSample::default();
        for index in 0..self.0.device_count().unwrap_or_default() {
            if let Ok(device) = self.0.device_by_index(index) {
                sample.gpus += 1;
                take(&mut sample, &device);
            }
        }
        sample
    }
}

fn take(sample: &mut GpuSample, device: &Device<'_>) {
    if let Ok(memory) = device.memory_info() {
        sample.memory_total += memory.total;
        sample.whole.memory += memory.used;
    }
    if let Ok(rates) = device.utilization_rates() {
        sample.whole.percent += f64::from(rates.gpu);
    }
    // A process can compute and draw, with the same memory.
    let mut memory = HashMap::new();
    let computing = device.running_compute_processes().unwrap_or_default();
    let drawing = device.running_graphics_processes().unwrap_or_default();
    for process in computing.into_iter().chain(drawing) {
        if let UsedGpuMemory::Used(bytes) = process.used_gpu_memory {
            memory.insert(process.pid, bytes);
        }
    }
    for (pid, memory) in memory {
        let share = GpuShare {
            percent: 0.0,
            memory,
        };
        sample.processes.entry(pid).or_default().add(share);
    }
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .saturating_sub(BACK);
    let since = u64::try_from(since.as_micros()).unwrap_or_default();
    let mut rates = device.process_utilization_stats(since).unwrap_or_default();
    // The last word of each process counts.
    rates.sort_by_key(|rate| (rate.pid, std::cmp::Reverse(rate.timestamp)));
    rates.dedup_by_key(|rate| rate.pid);
    for rate in rates {
        let share = GpuShare {
            percent: f64::from(rate.sm_util),
            memory: 0,
        };
        sample.processes.entry(rate.pid).or_default().add(share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_the_sum_of_its_processes() {
        let share = |percent, memory| GpuShare { percent, memory };
        let sample = GpuSample {
            processes: HashMap::from([(11, share(50.0, 300)), (12, share(20.0, 400))]),
            ..GpuSample::default()
        };
        assert_eq!(sample.of(&[11, 12, 13]), share(70.0, 700));
        assert_eq!(sample.of(&[]), share(0.0, 0));
    }
}
