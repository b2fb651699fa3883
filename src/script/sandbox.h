// The walls around a process that runs other people's programs: it keeps the memory it has and the
// descriptors that are open, and gets nothing else from the kernel.
//
//   setresuid(2), setrlimit(2), seccomp(2)
//
// Nothing here is ever given back. Only for a process whose sole purpose is to be confined: it
// stands alone, so that such a process needs nothing else of Fabrix.
#pragma once

#include <cstddef>

#include "base/result.h"

namespace fabrix::script {

// Root becomes nobody; nobody else gains by exec; the process dies with its parent. To be called
// before there are threads.
Result<void> drop_privileges();

// From now on, for all threads: no files, sockets, processes, threads or executable memory;
// `memory` octets more than there are now; no core dump. What else is asked of the kernel fails
// with EPERM.
Result<void> confine(std::size_t memory);

}  // namespace fabrix::script
