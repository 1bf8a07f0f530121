using Sluice.Control.Admission;
using Sluice.Storage.Sqlite;

namespace Sluice.Control.Tests.Admission;

public sealed class OperatorTokenTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    [Fact]
    public async Task The_first_start_makes_a_token_and_later_ones_know_only_its_hash()
    {
        var store = new SqliteOperatorTokenStore(_database.Database);
        var first = new OperatorToken();
        var made = await first.OpenAsync(null, store);
        Assert.NotNull(made);
        Assert.True(first.Matches(made));
        var second = new OperatorToken();
        Assert.Null(await second.OpenAsync("", store));
        Assert.True(second.Matches(made));
        Assert.False(second.Matches(made + "x"));
    }

    [Fact]
    public async Task A_given_token_wins_while_it_is_given_and_is_not_kept()
    {
        var store = new SqliteOperatorTokenStore(_database.Database);
        var made = await new OperatorToken().OpenAsync(null, store);
        var given = new OperatorToken();
        Assert.Equal("chosen", await given.OpenAsync("chosen", store));
        Assert.True(given.Matches("chosen"));
        Assert.False(given.Matches(made!));
        var later = new OperatorToken();
        await later.OpenAsync(null, store);
        Assert.True(later.Matches(made!));
        Assert.False(later.Matches("chosen"));
    }

    [Fact]
    public void Nothing_matches_before_the_token_is_opened()
    {
        Assert.False(new OperatorToken().Matches(""));
        Assert.False(new OperatorToken().Matches("x"));
    }

    public void Dispose() => _database.Dispose();
}
