// What goes before other programs when the machine has too little time for all.
#pragma once

namespace fabrix::io {

// The calling thread goes before those of the usual priority from now on, and as soon as it has
// something to do (Linux 6.12); what it starts, threads and programs, has the usual one. If the
// process leads a session, as daemons do, and Linux shares time out among sessions, its session
// goes before others. False: the kernel does not allow it, and nothing changes.
bool put_this_thread_first();

}  // namespace fabrix::io
