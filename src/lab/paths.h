// Where a lab lives: names of its directory, its sockets and its network namespaces. All begin with
// Fabrix's own prefix and the lab's name, so that a lab can be found and removed without touching
// anything else.
#pragma once

#include <string>
#include <string_view>

namespace fabrix::lab {

// $FABRIX_RUN/labs/NAME, by default /run/fabrix/labs/NAME.
std::string lab_directory(std::string_view lab);

// The daemon's local socket and the OpenFlow socket of a lab.
std::string control_socket(std::string_view lab);
std::string openflow_socket(std::string_view lab);
std::string ovsdb_socket(std::string_view lab);  // of the lab's Open vSwitch

// Where the kernel keeps a lab's Linux fabric: a BPF file system is mounted there.
std::string pin_directory(std::string_view lab);

// "fx-walkthrough-a1"; node is a router's name, "ix" (the switch) or "rs" (the route server).
std::string namespace_name(std::string_view lab, std::string_view node);

// Held (io::LockFile) while a lab is being changed. Namespaces are the machine's, so locks do not
// depend on $FABRIX_RUN.
std::string lock_directory();
std::string lock_file(std::string_view lab);

// "fx-walkthrough-": what all namespaces of a lab begin with.
std::string namespace_prefix(std::string_view lab);

}  // namespace fabrix::lab
