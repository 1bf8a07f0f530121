using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Control.Channels;
using Sluice.Storage.Sqlite;

namespace Sluice.Control.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    [Fact]
    public async Task What_was_kept_is_there_after_opening_again()
    {
        var created = DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_123);
        var hash = SecretHash.Of("secret");
        var settings = new ChannelSettings(true, true) { Records = false, Subtitles = "en de-CH", HasClosedCaptions = true };
        var added = await new SqliteChannelStore(_database.Database).AddAsync("one", "Naïve \"name\"; 夜", "t", created, settings, hash, default);
        await new SqliteChannelStore(_database.Database)
            .AddWatchTokenAsync("one", new WatchToken("t1", "label", created, SecretHash.Of("watch")), default);
        _database.Reopen();
        var found = await new SqliteChannelStore(_database.Database).FindAsync("one", default);
        Assert.Equal(added, found!.Channel);
        Assert.Equal(new Channel("one", 1, "Naïve \"name\"; 夜", "t", created, settings), found.Channel);
        Assert.True(found.Secret.Matches("secret"));
        Assert.True(Assert.Single(found.WatchTokens).Secret.Matches("watch"));
        Assert.False(_database.Database.IsFresh());
    }

    [Fact]
    public async Task Removing_a_channel_removes_its_tokens()
    {
        var store = new SqliteChannelStore(_database.Database);
        await store.AddAsync("one", "n", "", default, ChannelSettings.Default, SecretHash.Of("s"), default);
        await store.AddWatchTokenAsync("one", new WatchToken("t", "", default, SecretHash.Of("w")), default);
        await store.RemoveAsync("one", default);
        await store.AddAsync("one", "n", "", default, ChannelSettings.Default, SecretHash.Of("s"), default);
        Assert.Empty((await store.FindAsync("one", default))!.WatchTokens);
        Assert.False(await store.AddWatchTokenAsync("none", new WatchToken("t", "", default, SecretHash.Of("w")), default));
    }

    [Fact]
    public async Task No_secret_is_in_the_file()
    {
        var channels = new ChannelDirectory(new SqliteChannelStore(_database.Database), TimeProvider.System);
        var made = (await channels.CreateAsync("one", null, "", ChannelSettings.Default))!;
        _database.Database.Dispose();
        var folder = Path.GetDirectoryName(_database.Path)!;
        var bytes = string.Concat(Directory.GetFiles(folder).Select(f => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        Assert.Contains("one", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Secret, bytes, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_in_write_ahead_mode_and_its_folder_is_the_owners_alone()
    {
        using var connection = _database.Database.Connect();
        Assert.Equal("wal", connection.ExecuteScalar<string>("PRAGMA journal_mode"));
        Assert.True(connection.ExecuteScalar<int>("PRAGMA foreign_keys") == 1);
        if (!OperatingSystem.IsWindows())
        {
            var mode = File.GetUnixFileMode(Path.GetDirectoryName(_database.Path)!);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
        }
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused()
    {
        using (var connection = _database.Database.Connect())
            connection.Execute("PRAGMA user_version = 9999");
        var refused = Assert.Throws<InvalidOperationException>(() => SqliteDatabase.Open(_database.Path));
        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        var path = Path.Combine(Path.GetDirectoryName(_database.Path)!, "other.db");
        File.WriteAllText(path, new string('x', 8192));
        Assert.Throws<SqliteException>(() => SqliteDatabase.Open(path));
    }

    [Fact]
    public async Task Writers_on_many_threads_wait_for_each_other()
    {
        var store = new SqliteChannelStore(_database.Database);
        await Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
            Assert.NotNull(await store.AddAsync($"c{i}", "n", "", default, ChannelSettings.Default, SecretHash.Of("s"), cancellation)));
        var all = await store.ListAsync(default);
        Assert.Equal(100, all.Select(c => c.Number).Distinct().Count());
    }

    public void Dispose() => _database.Dispose();
}
