// What the tests of the agent share: control groups as files, and traffic of their own.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "io/datagram_socket.h"
#include "tests/io/world.h"

namespace fabrix::agent::testing {

using io::testing::ip;
using io::testing::kPatience;

// A mount of control groups of version 2, with one service and one container.
inline void make_cgroups(const std::string& mount) {
  const auto write = [&](const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(mount + path).parent_path());
    std::ofstream(mount + path) << text;
  };
  write("/cgroup.controllers", "cpuset cpu io memory pids\n");
  for (const std::string& group : {std::string("/system.slice/web.service"),
                                   "/system.slice/docker-" + std::string(64, 'a') + ".scope"}) {
    write(group + "/cpu.stat", "usage_usec 7000000\nuser_usec 1\n");
    write(group + "/memory.current", "4096\n");
    write(group + "/memory.max", "8192\n");
    write(group + "/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n");
    write(group + "/inner/cpu.stat", "usage_usec 1\n");
  }
}

// From the calling thread's namespace.
inline void send_datagrams(const std::string& to, int count, std::size_t octets = 100) {
  auto socket = io::DatagramSocket::open(net::Family::kIpv4).value();
  const std::vector<std::byte> payload(octets);
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(socket.send({.address = ip(to), .port = 9}, payload));
  }
}

}  // namespace fabrix::agent::testing
