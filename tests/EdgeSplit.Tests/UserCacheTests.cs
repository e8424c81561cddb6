namespace EdgeSplit.Tests;

public class UserCacheTests
{
    [Fact]
    public void A_rooted_XDG_CACHE_HOME_wins()
    {
        string root = Path.GetFullPath("somewhere");
        Assert.Equal(Path.Combine(root, "edgesplit"), UserCache.In(name => name == "XDG_CACHE_HOME" ? root : null, home: "/home/someone"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    public void A_user_without_a_home_has_a_full_path_all_the_same(string? variable) =>
        Assert.True(Path.IsPathFullyQualified(UserCache.In(_ => variable, home: "")));
}
