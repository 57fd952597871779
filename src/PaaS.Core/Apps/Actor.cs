namespace PaaS.Core;

/// <summary>Who gives a command: recorded with every decision and shown in releases and logs as the e-mail address.</summary>
/// <param name="Account">The account.</param>
/// <param name="Email">Its e-mail address at that time.</param>
public sealed record Actor(AccountId Account, string Email)
{
    /// <summary>The e-mail address, as Heroku shows who did something.</summary>
    public override string ToString() => Email;
}
