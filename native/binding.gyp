{
  "targets": [
    {
      "target_name": "catapult_core",
      "type": "static_library",
      "sources": [
        "core/device-error.cc",
        "core/file-lock.cc",
        "core/open-nodes.cc",
        "core/probe.cc",
        "core/sysfs.cc",
        "core/system-call.cc"
      ],
      "conditions": [
        [
          "OS=='linux'",
          {
            "sources": [
              "core/card-tensor.cc",
              "core/device-node.cc",
              "core/device-thread.cc",
              "core/device.cc",
              "core/driver-calls.cc",
              "core/driver-library.cc",
              "core/half.cc",
              "core/image-file.cc",
              "core/library-engine.cc",
              "core/open-engine.cc",
              "core/registers.cc",
              "core/role-channel.cc",
              "core/role-engine.cc",
              "core/settle.cc",
              "core/sha256.cc",
              "core/shell-health.cc",
              "core/slots.cc"
            ]
          }
        ]
      ],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility=hidden", "-fPIC", "-Wall", "-Wextra", "-Wconversion"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
      }
    },
    {
      "target_name": "sampling_core",
      "type": "static_library",
      "sources": ["core/sampling-bilinear.cc", "core/sampling-check.cc", "core/sampling-filter.cc"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-O3",
        "-ffp-contract=off",
        "-fexceptions",
        "-fvisibility=hidden",
        "-fPIC",
        "-Wall",
        "-Wextra",
        "-Wconversion"
      ],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off"]
      }
    },
    {
      "target_name": "edgeslot",
      "sources": ["addon/addon.cc", "addon/file-lock.cc", "addon/probe-worker.cc", "addon/sample.cc"],
      "conditions": [
        [
          "OS=='linux'",
          {
            "sources": [
              "addon/card-object.cc",
              "addon/environment.cc",
              "addon/network-argument.cc",
              "addon/open-card.cc",
              "addon/open-worker.cc",
              "addon/operation.cc"
            ]
          }
        ]
      ],
      "dependencies": ["catapult_core", "sampling_core"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility=hidden", "-Wall", "-Wextra"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
      }
    }
  ]
}
