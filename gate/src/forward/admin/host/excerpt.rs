//! Some lines of a file, read so that whoever can plant files gains nothing:
//! links are not followed, only plain files are read, and of those only what
//! was asked for leaves this program.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use dock_space::admin::host::{Excerpt, Kind, Known, Stat};
use nix::libc::{ELOOP, O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK};

/// The largest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// How many lines of a file are passed on, and how much of each.
const MAX_LINES: usize = 64;
const MAX_LINE: usize = 400;

/// How many files of a folder are read.
const MAX_FILES: usize = 4096;

/// The lines of `path` that are `wanted`; none when there is no such file.
pub(super) fn of_file(path: &Path, wanted: impl Fn(&str) -> bool) -> Option<Excerpt> {
    let excerpt = |stat, lines| Excerpt {
        path: path.display().to_string(),
        stat,
        lines,
    };
    let file = File::options()
        .read(true)
        .custom_flags(O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) if error.raw_os_error() == Some(ELOOP) => {
            return Some(excerpt(
                None,
                Err("it is a link, which is not followed".into()),
            ));
        }
        Err(error) => return Some(excerpt(None, Err(reason(&error)))),
    };
    let metadata = match file.metadata() {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return None,
        Err(error) => return Some(excerpt(None, Err(reason(&error)))),
    };
    let lines = text(file, &metadata).map(|text| pick(&text, wanted));
    Some(excerpt(Some(stat(&metadata)), lines))
}

/// The same of each file directly in `folder` whose name is `named`, in the
/// order of their names; none when there is no such folder.
///
/// # Errors
/// When the folder is there and cannot be read.
pub(super) fn of_folder(
    folder: &Path,
    named: impl Fn(&str) -> bool,
    wanted: impl Fn(&str) -> bool,
) -> Known<Vec<Excerpt>> {
    let mut found = Vec::new();
    for path in files(folder, named)? {
        found.extend(of_file(&path, &wanted));
    }
    Ok(found)
}

/// What lies directly in `folder` by names that are `named`, sorted.
///
/// # Errors
/// When the folder is there and cannot be read, or holds too much.
pub(super) fn files(folder: &Path, named: impl Fn(&str) -> bool) -> Known<Vec<PathBuf>> {
    let failed = |error: &io::Error| format!("'{}': {}", folder.display(), reason(error));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        if entry.file_name().to_str().is_some_and(&named) {
            paths.push(entry.path());
        }
        if paths.len() > MAX_FILES {
            return Err(format!(
                "'{}': more than {MAX_FILES} files",
                folder.display()
            ));
        }
    }
    paths.sort();
    Ok(paths)
}

/// Who may do what with a file.
pub(super) fn stat(metadata: &Metadata) -> Stat {
    let kind = metadata.file_type();
    Stat {
        kind: match () {
            () if kind.is_file() => Kind::File,
            () if kind.is_dir() => Kind::Folder,
            () if kind.is_socket() => Kind::Socket,
            () => Kind::Other,
        },
        uid: metadata.uid(),
        gid: metadata.gid(),
        mode: metadata.mode() & 0o7777,
    }
}

/// The whole text of a small file.
pub(super) fn text(file: File, metadata: &Metadata) -> Known<String> {
    if metadata.len() > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| reason(&error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An I/O error in few words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}

/// The wanted lines that are no comments; a line that ends with a backslash goes
/// on in the next.
fn pick(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let is_comment = |line: &str| {
        let directive = line.starts_with("#include");
        line.starts_with([';']) || line.starts_with('#') && !directive
    };
    joined
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !is_comment(line) && wanted(line))
        .take(MAX_LINES)
        .map(|line| line.chars().take(MAX_LINE).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        nix::unistd::mkdtemp(&std::env::temp_dir().join("dock-excerpt-XXXXXX")).unwrap()
    }

    #[test]
    fn only_wanted_lines_leave_a_file() {
        let folder = folder();
        let file = folder.join("jobs");
        let secret = "* * * * * backup --password hunter2\n# docker prune\n";
        std::fs::write(&file, format!("{secret}@daily docker \\\n  system prune\n")).unwrap();
        let excerpt = of_file(&file, |line| line.contains("docker")).unwrap();
        assert_eq!(
            excerpt.lines,
            Ok(vec!["@daily docker    system prune".to_owned()])
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn links_and_what_is_no_file_are_not_read() {
        let folder = folder();
        std::fs::write(folder.join("secret"), "docker\n").unwrap();
        std::os::unix::fs::symlink(folder.join("secret"), folder.join("link")).unwrap();
        nix::unistd::mkfifo(&folder.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let any = |_: &str| true;
        let link = of_file(&folder.join("link"), any).unwrap();
        assert!(link.lines.unwrap_err().contains("link"));
        assert_eq!(of_file(&folder.join("pipe"), any), None);
        assert_eq!(of_file(&folder.join("none"), any), None);
        assert_eq!(of_folder(&folder.join("none"), any, any), Ok(vec![]));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_too_large_is_told_and_not_read() {
        let folder = folder();
        let file = folder.join("large");
        std::fs::write(&file, vec![b'x'; 2 << 20]).unwrap();
        let excerpt = of_file(&file, |_| true).unwrap();
        assert!(excerpt.lines.unwrap_err().contains("larger"));
        std::fs::write(&file, "x\n".repeat(1000)).unwrap();
        let excerpt = of_file(&file, |_| true).unwrap();
        assert_eq!(excerpt.lines.unwrap().len(), MAX_LINES);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
