// BpfObject: the programs and maps of a compiled file, loaded into the kernel; and files of a bpffs
// that hold such things beyond the process (bpf(2), "Pinning").
//
// With a directory the maps are pinned there under their names, and taken from there if they are
// there already. Fails with what the kernel or libbpf said. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "io/bpf_map.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

struct BpfObject {
  std::map<std::string, BpfMap> maps;
  std::map<std::string, FileDescriptor> programs;

  // `directory` is on a bpffs, or empty.
  static Result<BpfObject> load(std::span<const std::byte> file, const std::string& directory);
};

// Makes the directory and, if it is on no bpffs, mounts one there.
Result<void> prepare_bpf_directory(const std::string& directory);
// The directory is the caller's as long as the descriptor is there. Fails if it is somebody else's,
// who is given a second to end.
Result<FileDescriptor> claim_bpf_directory(const std::string& directory);

// Replaces what is there. `what`: a descriptor of the caller's.
Result<void> pin(int what, const std::string& path);
Result<FileDescriptor> open_pinned(const std::string& path);

}  // namespace fabrix::io
