// What goes before other programs when the machine has too little time for all.
#pragma once

namespace fabrix::io {

// The calling thread goes before those of the usual priority from now on; what it starts, threads
// and programs, has the usual one. False: the kernel does not allow it, and nothing changes.
bool put_this_thread_first();

}  // namespace fabrix::io
