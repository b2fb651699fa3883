// Writing capture files: pcap (draft-ietf-opsawg-pcap) in big-endian byte order, with nanoseconds.
//
// Pure: what these return goes into the file, the header first.
#pragma once

#include <cstddef>
#include <vector>

#include "capture/capture_reader.h"

namespace fabrix::capture {

std::vector<std::byte> pcap_file_header(LinkType link_type);

// The packet's link type is the file's.
std::vector<std::byte> pcap_packet(const CapturedPacket& packet);

}  // namespace fabrix::capture
