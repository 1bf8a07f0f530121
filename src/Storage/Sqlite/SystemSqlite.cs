using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Sluice.Storage.Sqlite;

/// <summary>Binds the provider to the system's own SQLite, so that its security fixes come from the distribution.</summary>
public static class SystemSqlite
{
    private const string LibraryName = "libsqlite3.so.0";
    private static readonly Lock Gate = new();
    private static bool _bound;

    /// <summary>Binds once; later calls do nothing. Throws <see cref="DllNotFoundException"/> where the library is not installed.</summary>
    public static void Bind()
    {
        lock (Gate)
        {
            if (_bound)
                return;
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            raw.FreezeProvider();
            _bound = true;
        }
    }

    /// <summary>The version of the library that is bound.</summary>
    public static string Version()
    {
        Bind();
        return raw.sqlite3_libversion().utf8_to_string();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "e_sqlite3")
            return 0;
        return NativeLibrary.TryLoad(LibraryName, out var handle) || NativeLibrary.TryLoad("sqlite3", out handle)
            ? handle
            : throw new DllNotFoundException($"{LibraryName} is not installed; install it with: apt-get install libsqlite3-0");
    }
}
