<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>AbsentPane</name>
        <message>
            <source>Choose one to read it here.</source>
            <translation>Wählen Sie etwas, um es hier zu lesen.</translation>
        </message>
        <message>
            <source>This is no longer shared with you.</source>
            <translation>Das ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>What you had not sent is kept in the sync centre.</source>
            <translation>Was Sie nicht gesendet hatten, bleibt in der Sync-Zentrale.</translation>
        </message>
    </context>
    <context>
        <name>Account</name>
        <message>
            <source>Not submitted</source>
            <translation>Nicht eingereicht</translation>
        </message>
    </context>
    <context>
        <name>AccountPage</name>
        <message>
            <source>Ask for a change</source>
            <translation>Änderung erbitten</translation>
        </message>
        <message>
            <source>Colleagues and roles</source>
            <translation>Kollegen und Rollen</translation>
        </message>
        <message>
            <source>Edit details</source>
            <translation>Angaben bearbeiten</translation>
        </message>
        <message>
            <source>Edit discarded</source>
            <translation>Änderung verworfen</translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>Open colleagues</source>
            <translation>Kollegen öffnen</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Speichern</translation>
        </message>
        <message>
            <source>Stop editing</source>
            <translation>Bearbeiten beenden</translation>
        </message>
        <message>
            <source>You are here as {role}.</source>
            <translation>Ihre Rolle hier: {role}.</translation>
        </message>
        <message>
            <source>Your company</source>
            <translation>Ihre Firma</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>AccountRow</name>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
    </context>
    <context>
        <name>AccountStep</name>
        <message>
            <source>Another gateway</source>
            <translation>Anderes Gateway</translation>
        </message>
        <message>
            <source>Gateway address</source>
            <translation>Adresse des Gateways</translation>
        </message>
        <message>
            <source>Needed. Write the address the vendor gave you.</source>
            <translation>Nötig. Geben Sie die Adresse ein, die der Anbieter Ihnen gab.</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>Anmelden</translation>
        </message>
        <message>
            <source>The vendor gave it to you. It begins with https://.</source>
            <translation>Sie haben sie vom Anbieter. Sie beginnt mit https://.</translation>
        </message>
    </context>
    <context>
        <name>AccountsMenu</name>
        <message>
            <source>Add a vendor</source>
            <translation>Anbieter hinzufügen</translation>
        </message>
        <message>
            <source>Only the open one syncs. Each is kept encrypted on its own.</source>
            <translation>Nur der offene wird synchronisiert. Jeder liegt für sich verschlüsselt.</translation>
        </message>
        <message>
            <source>Vendors</source>
            <translation>Anbieter</translation>
        </message>
        <message>
            <source>Vendors on this computer</source>
            <translation>Anbieter auf diesem Computer</translation>
        </message>
    </context>
    <context>
        <name>ActivitySection</name>
        <message>
            <source>Activity</source>
            <translation>Verlauf</translation>
        </message>
        <message>
            <source>Full history</source>
            <translation>Ganzer Verlauf</translation>
        </message>
        <message>
            <source>Latest only</source>
            <translation>Nur das Neueste</translation>
        </message>
        <message>
            <source>Nothing has gone back or forth yet.</source>
            <translation>Noch ging nichts hin oder her.</translation>
        </message>
        <message>
            <source>since {day}</source>
            <translation>seit {day}</translation>
        </message>
        <message>
            <source>today</source>
            <translation>heute</translation>
        </message>
    </context>
    <context>
        <name>AnswerPane</name>
        <message>
            <source>About {amount} for {count}. An estimate: {vendor} confirms the price.</source>
            <translation>Etwa {amount} für {count}. Eine Schätzung: {vendor} bestätigt den Preis.</translation>
        </message>
        <message>
            <source>Quantity</source>
            <translation>Menge</translation>
        </message>
        <message>
            <source>Send answer</source>
            <translation>Antwort senden</translation>
        </message>
        <message>
            <source>{amount}, as quoted</source>
            <translation>{amount}, wie angeboten</translation>
        </message>
        <message>
            <source>{vendor} makes the order from your answer. Nothing is ordered before that.</source>
            <translation>{vendor} macht aus Ihrer Antwort die Bestellung. Vorher wird nichts bestellt.</translation>
        </message>
        <message>
            <source>{vendor} tells you the price.</source>
            <translation>{vendor} nennt Ihnen den Preis.</translation>
        </message>
    </context>
    <context>
        <name>AnswersForm</name>
        <message>
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <source>optional</source>
            <translation>optional</translation>
        </message>
    </context>
    <context>
        <name>ApartSection</name>
        <message>
            <source>Copied. It is gone from the clipboard when you leave.</source>
            <translation>Kopiert. Beim Abmelden verschwindet es aus der Zwischenablage.</translation>
        </message>
        <message>
            <source>Copy all of it</source>
            <translation>Alles kopieren</translation>
        </message>
        <message>
            <source>Give it up</source>
            <translation>Aufgeben</translation>
        </message>
        <message>
            <source>Given up and deleted.</source>
            <translation>Aufgegeben und gelöscht.</translation>
        </message>
        <message>
            <source>It is deleted from this computer for good. Nobody can bring it back.</source>
            <translation>Es wird endgültig von diesem Computer gelöscht. Niemand kann es zurückholen.</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Kept, and not taken up</source>
            <translation>Aufbewahrt und nicht übernommen</translation>
        </message>
        <message>
            <source>This was kept here for you when you left, but this version cannot go on with it. It stays kept, encrypted, until you give it up. Copy what you need into a new record first.</source>
            <translation>Das wurde beim Abmelden hier aufbewahrt, aber diese Version kann damit nicht weitermachen. Es bleibt verschlüsselt aufbewahrt, bis es aufgegeben wird. Was gebraucht wird, vorher in einen neuen Eintrag übernehmen.</translation>
        </message>
    </context>
    <context>
        <name>AttachmentPane</name>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>added by {name}</source>
            <translation>hinzugefügt von {name}</translation>
        </message>
    </context>
    <context>
        <name>BatchPane</name>
        <message>
            <source>{verb}: {what}</source>
            <translation>{verb}: {what}</translation>
        </message>
    </context>
    <context>
        <name>Beginning</name>
        <message>
            <source>Choose a document, then “Keep offline”.</source>
            <translation>Wählen Sie ein Dokument, dann „Offline behalten“.</translation>
        </message>
        <message>
            <source>Put away. F1 has the help.</source>
            <translation>Weggelegt. F1 öffnet die Hilfe.</translation>
        </message>
    </context>
    <context>
        <name>BlockedStep</name>
        <message>
            <source>Copied</source>
            <translation>Kopiert</translation>
        </message>
        <message>
            <source>Copy this</source>
            <translation>Kopieren</translation>
        </message>
    </context>
    <context>
        <name>Board</name>
        <message>
            <source>Board</source>
            <translation>Tafel</translation>
        </message>
    </context>
    <context>
        <name>BrowserStep</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>Kopiert</translation>
        </message>
        <message>
            <source>Copy the address</source>
            <translation>Adresse kopieren</translation>
        </message>
        <message>
            <source>No page opened? Copy its address into a browser on this computer.</source>
            <translation>Es ging keine Seite auf? Kopieren Sie die Adresse in einen Browser auf diesem Computer.</translation>
        </message>
    </context>
    <context>
        <name>BucketGrid</name>
        <message>
            <source>{same} of {all} buckets identical</source>
            <translation>{same} von {all} Abschnitten identisch</translation>
        </message>
    </context>
    <context>
        <name>Buckets</name>
        <message>
            <source>Bucket {name}: {records}, {state}</source>
            <translation>Abschnitt {name}: {records}, {state}</translation>
        </message>
        <message>
            <source>identical</source>
            <translation>identisch</translation>
        </message>
        <message>
            <source>identical, after a repair</source>
            <translation>identisch, nach einer Reparatur</translation>
        </message>
        <message>
            <source>still differs</source>
            <translation>weicht noch ab</translation>
        </message>
    </context>
    <context>
        <name>BudgetBar</name>
        <message>
            <source>Budget</source>
            <translation>Budget</translation>
        </message>
        <message>
            <source>{amount} left</source>
            <translation>{amount} übrig</translation>
        </message>
        <message>
            <source>{amount} over the budget</source>
            <translation>{amount} über dem Budget</translation>
        </message>
        <message>
            <source>{spent} of {budget} spent</source>
            <translation>{spent} von {budget} ausgegeben</translation>
        </message>
    </context>
    <context>
        <name>CalendarPopup</name>
        <message>
            <source>Calendar</source>
            <translation>Kalender</translation>
        </message>
        <message>
            <source>Month before</source>
            <translation>Voriger Monat</translation>
        </message>
        <message>
            <source>Next month</source>
            <translation>Nächster Monat</translation>
        </message>
    </context>
    <context>
        <name>ChangedCard</name>
        <message>
            <source>I have read the change</source>
            <translation>Ich habe die Änderung gelesen</translation>
        </message>
        <message>
            <source>This changed while it was open</source>
            <translation>Das hat sich geändert, während es offen war</translation>
        </message>
        <message>
            <source>What stands below is what you would decide on now. Read the change, then decide.</source>
            <translation>Was unten steht, ist das, worüber Sie jetzt entscheiden würden. Lesen Sie die Änderung, dann entscheiden Sie.</translation>
        </message>
    </context>
    <context>
        <name>ChangedStrip</name>
        <message>
            <source>Hide what changed in the text</source>
            <translation>Änderungen im Text ausblenden</translation>
        </message>
        <message>
            <source>Mark as read</source>
            <translation>Als gelesen markieren</translation>
        </message>
        <message>
            <source>Show what changed in the text: 1 place</source>
            <translation>Änderungen im Text zeigen: 1 Stelle</translation>
        </message>
        <message>
            <source>Show what changed in the text: {count} places</source>
            <translation>Änderungen im Text zeigen: {count} Stellen</translation>
        </message>
        <message>
            <source>and {count} more in the text</source>
            <translation>und {count} weitere im Text</translation>
        </message>
    </context>
    <context>
        <name>ChangesSection</name>
        <message>
            <source>Mark as seen</source>
            <translation>Als gesehen markieren</translation>
        </message>
        <message>
            <source>Nothing has changed since.</source>
            <translation>Seitdem hat sich nichts geändert.</translation>
        </message>
        <message>
            <source>Show all {count}</source>
            <translation>Alle {count} zeigen</translation>
        </message>
        <message>
            <source>The newest {most} of {count} are shown.</source>
            <translation>Die neuesten {most} von {count} werden gezeigt.</translation>
        </message>
        <message>
            <source>What {vendor} changes or answers stands here.</source>
            <translation>Was {vendor} ändert oder antwortet, steht hier.</translation>
        </message>
    </context>
    <context>
        <name>CheckWindow</name>
        <message>
            <source>Check again</source>
            <translation>Erneut prüfen</translation>
        </message>
        <message>
            <source>Check this computer</source>
            <translation>Diesen Computer prüfen</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Copied. There is no name and no record in it.</source>
            <translation>Kopiert. Weder Name noch Datensatz steht darin.</translation>
        </message>
        <message>
            <source>Copy as text</source>
            <translation>Als Text kopieren</translation>
        </message>
        <message>
            <source>File for support…</source>
            <translation>Datei für den Support …</translation>
        </message>
        <message>
            <source>It is still looking.</source>
            <translation>Die Prüfung läuft noch.</translation>
        </message>
        <message>
            <source>Looking at network, clock, key store, disk and stores …</source>
            <translation>Netz, Uhr, Schlüsselspeicher, Festplatte und Speicher werden geprüft …</translation>
        </message>
        <message>
            <source>Saved as {name}. It was sent to nobody.</source>
            <translation>Gespeichert als {name}. Nichts wurde versendet.</translation>
        </message>
        <message>
            <source>What was found</source>
            <translation>Was gefunden wurde</translation>
        </message>
    </context>
    <context>
        <name>ChipBar</name>
        <message>
            <source>More views</source>
            <translation>Weitere Ansichten</translation>
        </message>
        <message>
            <source>Views</source>
            <translation>Ansichten</translation>
        </message>
        <message>
            <source>{count} more views</source>
            <translation>{count} weitere Ansichten</translation>
        </message>
    </context>
    <context>
        <name>ChoiceControl</name>
        <message>
            <source>Choose</source>
            <translation>Auswählen</translation>
        </message>
    </context>
    <context>
        <name>ClashCard</name>
        <message>
            <source>Open {number}</source>
            <translation>{number} öffnen</translation>
        </message>
    </context>
    <context>
        <name>CodeDialog</name>
        <message>
            <source>Choose a code to come back with?</source>
            <translation>Code zum Weiterarbeiten wählen?</translation>
        </message>
        <message>
            <source>One moment.</source>
            <translation>Einen Moment.</translation>
        </message>
        <message>
            <source>The same once more.</source>
            <translation>Noch einmal denselben.</translation>
        </message>
        <message>
            <source>Those were two different codes. Type the one you want.</source>
            <translation>Das waren zwei verschiedene Codes. Den gewünschten eingeben.</translation>
        </message>
        <message>
            <source>Type it, then press the tick.</source>
            <translation>Eingeben, dann den Haken drücken.</translation>
        </message>
        <message>
            <source>Use this code</source>
            <translation>Diesen Code verwenden</translation>
        </message>
        <message>
            <source>Without a code</source>
            <translation>Ohne Code</translation>
        </message>
    </context>
    <context>
        <name>CodeLine</name>
        <message>
            <source>Code</source>
            <translation>Code</translation>
        </message>
    </context>
    <context>
        <name>CodeMiddle</name>
        <message>
            <source>Check that your phone shows this code</source>
            <translation>Prüfen, ob das Telefon diesen Code zeigt</translation>
        </message>
        <message>
            <source>Confirm on your phone</source>
            <translation>Auf dem Telefon bestätigen</translation>
        </message>
        <message>
            <source>If it does not, do not go on.</source>
            <translation>Wenn nicht, bitte nicht weitermachen.</translation>
        </message>
        <message>
            <source>New code in {time}</source>
            <translation>Neuer Code in {time}</translation>
        </message>
        <message>
            <source>Or open {address} on your phone.</source>
            <translation>Oder auf dem Telefon {address} öffnen.</translation>
        </message>
        <message>
            <source>Scan the square with your camera</source>
            <translation>Das Quadrat mit der Kamera erfassen</translation>
        </message>
        <message>
            <source>Sign in with your phone</source>
            <translation>Mit dem Telefon anmelden</translation>
        </message>
        <message>
            <source>Square for a camera. It leads to {address}.</source>
            <translation>Quadrat für eine Kamera. Es führt zu {address}.</translation>
        </message>
        <message>
            <source>This screen opens by itself. You never type a password here.</source>
            <translation>Dieser Bildschirm öffnet sich von selbst. Hier wird nie ein Passwort eingegeben.</translation>
        </message>
    </context>
    <context>
        <name>CodePad</name>
        <message>
            <source>Code</source>
            <translation>Code</translation>
        </message>
        <message>
            <source>Delete the last sign</source>
            <translation>Letztes Zeichen löschen</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Type a code first.</source>
            <translation>Zuerst einen Code eingeben.</translation>
        </message>
    </context>
    <context>
        <name>CodeTiles</name>
        <message>
            <source>Code: {spelt}</source>
            <translation>Code: {spelt}</translation>
        </message>
        <message>
            <source>dash</source>
            <translation>Strich</translation>
        </message>
    </context>
    <context>
        <name>ColleagueRow</name>
        <message>
            <source>Another administrator can change your role.</source>
            <translation>Ein anderer Administrator kann Ihre Rolle ändern.</translation>
        </message>
        <message>
            <source>Error</source>
            <translation>Fehler</translation>
        </message>
        <message>
            <source>Has not been here yet</source>
            <translation>War noch nicht hier</translation>
        </message>
        <message>
            <source>Invited, until {day}</source>
            <translation>Eingeladen, bis {day}</translation>
        </message>
        <message>
            <source>Invited; link expired</source>
            <translation>Eingeladen; Link abgelaufen</translation>
        </message>
        <message>
            <source>Last seen {when}</source>
            <translation>Zuletzt gesehen {when}</translation>
        </message>
        <message>
            <source>New link</source>
            <translation>Neuer Link</translation>
        </message>
        <message>
            <source>New link for {name}</source>
            <translation>Neuer Link für {name}</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Remove {name}</source>
            <translation>{name} entfernen</translation>
        </message>
        <message>
            <source>Role of {name}</source>
            <translation>Rolle von {name}</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Sie</translation>
        </message>
    </context>
    <context>
        <name>ColleaguesPage</name>
        <message>
            <source>Asking {vendor} who works here</source>
            <translation>{vendor} wird gefragt, wer hier arbeitet</translation>
        </message>
        <message>
            <source>Colleagues</source>
            <translation>Kollegen</translation>
        </message>
        <message>
            <source>Invite a colleague</source>
            <translation>Kollegen einladen</translation>
        </message>
        <message>
            <source>Invite the first colleague: they get a link that works once.</source>
            <translation>Laden Sie die erste Person ein: Sie bekommt einen Link, der einmal gilt.</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Nobody else is here yet</source>
            <translation>Noch ist niemand sonst hier</translation>
        </message>
        <message>
            <source>Nobody here matches what you search for.</source>
            <translation>Zu Ihrer Suche passt hier niemand.</translation>
        </message>
        <message>
            <source>One moment: the gateway is asked.</source>
            <translation>Einen Moment: Das Gateway wird gefragt.</translation>
        </message>
        <message>
            <source>Read the list again</source>
            <translation>Liste neu lesen</translation>
        </message>
        <message>
            <source>Remove colleague</source>
            <translation>Kollegen entfernen</translation>
        </message>
        <message>
            <source>Remove {name}?</source>
            <translation>{name} entfernen?</translation>
        </message>
        <message>
            <source>Search colleagues</source>
            <translation>Kollegen suchen</translation>
        </message>
        <message>
            <source>The list could not be read</source>
            <translation>Die Liste ließ sich nicht lesen</translation>
        </message>
        <message>
            <source>The list has not been read yet.</source>
            <translation>Die Liste ist noch nicht gelesen.</translation>
        </message>
        <message>
            <source>They can no longer sign in for {company}, on any device, and their sessions end at once. What they have sent stays with {vendor}; what they have not sent yet is not sent any more. What their devices hold can be read there until {vendor} orders it erased. You can invite them again.</source>
            <translation>Die Person kann sich für {company} auf keinem Gerät mehr anmelden, und ihre Sitzungen enden sofort. Was sie gesendet hat, bleibt bei {vendor}; was sie noch nicht gesendet hat, wird nicht mehr gesendet. Was ihre Geräte haben, ist dort lesbar, bis {vendor} das Löschen anordnet. Sie können sie wieder einladen.</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Noch einmal versuchen</translation>
        </message>
        <message>
            <source>You are offline</source>
            <translation>Sie sind offline</translation>
        </message>
        <message>
            <source>You are offline. This is the list as of {time}; changing it needs the network.</source>
            <translation>Sie sind offline. Das ist die Liste von {time}; zum Ändern ist eine Verbindung nötig.</translation>
        </message>
        <message>
            <source>You are offline. What you typed stays here; it can be sent when you are back.</source>
            <translation>Sie sind offline. Was Sie eingegeben haben, bleibt hier; es kann gesendet werden, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>{name} is {role} now</source>
            <translation>{name} ist jetzt {role}</translation>
        </message>
        <message>
            <source>{name} was removed</source>
            <translation>{name} wurde entfernt</translation>
        </message>
        <message>
            <source>{people}, {invited} invited</source>
            <translation>{people}, {invited} eingeladen</translation>
        </message>
        <message>
            <source>{vendor} keeps this list, so it is shown when you are back.</source>
            <translation>{vendor} führt diese Liste; sie erscheint, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>ColumnPane</name>
        <message>
            <source>Drop here: {does}</source>
            <translation>Hier ablegen: {does}</translation>
        </message>
        <message>
            <source>Nothing here</source>
            <translation>Nichts hier</translation>
        </message>
        <message>
            <source>and {count} more</source>
            <translation>und {count} weitere</translation>
        </message>
        <message>
            <source>{stage}, {count}</source>
            <translation>{stage}, {count}</translation>
        </message>
    </context>
    <context>
        <name>ColumnsPanel</name>
        <message>
            <source>Alt with ↑ or ↓ moves a column.</source>
            <translation>Alt mit ↑ oder ↓ verschiebt eine Spalte.</translation>
        </message>
        <message>
            <source>Back to the portal's columns</source>
            <translation>Zurück zu den Spalten des Portals</translation>
        </message>
        <message>
            <source>Columns</source>
            <translation>Spalten</translation>
        </message>
        <message>
            <source>It is the first already.</source>
            <translation>Sie steht schon an erster Stelle.</translation>
        </message>
        <message>
            <source>It is the last already.</source>
            <translation>Sie steht schon an letzter Stelle.</translation>
        </message>
        <message>
            <source>More fields</source>
            <translation>Weitere Felder</translation>
        </message>
        <message>
            <source>Move {column} down</source>
            <translation>{column} nach unten</translation>
        </message>
        <message>
            <source>Move {column} up</source>
            <translation>{column} nach oben</translation>
        </message>
        <message>
            <source>One column always stays.</source>
            <translation>Eine Spalte bleibt immer.</translation>
        </message>
        <message>
            <source>These are the portal's columns.</source>
            <translation>Das sind die Spalten des Portals.</translation>
        </message>
    </context>
    <context>
        <name>ComboBox</name>
        <message>
            <source>Choices</source>
            <translation>Auswahl</translation>
        </message>
    </context>
    <context>
        <name>ComingRow</name>
        <message>
            <source>Coming in</source>
            <translation>Kommt an</translation>
        </message>
        <message>
            <source>Next</source>
            <translation>Als Nächstes</translation>
        </message>
        <message>
            <source>Open {things}</source>
            <translation>{things} öffnen</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Bereit</translation>
        </message>
        <message>
            <source>{count} to come</source>
            <translation>{count} folgen</translation>
        </message>
        <message>
            <source>{done} of {total}</source>
            <translation>{done} von {total}</translation>
        </message>
    </context>
    <context>
        <name>Commanding</name>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Once {vendor} has it, this cannot be taken back here.</source>
            <translation>Sobald {vendor} es hat, lässt es sich hier nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>This no longer fits: the {what} is {state} now.</source>
            <translation>Das passt nicht mehr: {what} steht jetzt auf „{state}“.</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>{verb} “{title}”?</source>
            <translation>„{title}“: {verb}?</translation>
        </message>
    </context>
    <context>
        <name>CommentList</name>
        <message>
            <source>Comments · {count}</source>
            <translation>Kommentare · {count}</translation>
        </message>
        <message>
            <source>No comments yet</source>
            <translation>Noch keine Kommentare</translation>
        </message>
    </context>
    <context>
        <name>Composer</name>
        <message>
            <source>Drop files here, up to 50 MB each</source>
            <translation>Dateien hier ablegen, je bis 50 MB</translation>
        </message>
        <message>
            <source>Message to {vendor}</source>
            <translation>Nachricht an {vendor}</translation>
        </message>
        <message>
            <source>Reading the file</source>
            <translation>Datei wird gelesen</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Senden</translation>
        </message>
        <message>
            <source>Send (waits)</source>
            <translation>Senden (wartet)</translation>
        </message>
        <message>
            <source>Send and reopen</source>
            <translation>Senden und wieder öffnen</translation>
        </message>
        <message>
            <source>Send and reopen (waits)</source>
            <translation>Senden und wieder öffnen (wartet)</translation>
        </message>
        <message>
            <source>Write a message</source>
            <translation>Nachricht schreiben</translation>
        </message>
        <message>
            <source>Write to {vendor}</source>
            <translation>An {vendor} schreiben</translation>
        </message>
    </context>
    <context>
        <name>ConditionRow</name>
        <message>
            <source>Choose</source>
            <translation>Auswählen</translation>
        </message>
        <message>
            <source>Condition</source>
            <translation>Bedingung</translation>
        </message>
        <message>
            <source>Days</source>
            <translation>Tage</translation>
        </message>
        <message>
            <source>Field</source>
            <translation>Feld</translation>
        </message>
        <message>
            <source>Remove this condition</source>
            <translation>Diese Bedingung entfernen</translation>
        </message>
        <message>
            <source>There is only one way to put it.</source>
            <translation>Hier gibt es nur diese Möglichkeit.</translation>
        </message>
        <message>
            <source>Value</source>
            <translation>Wert</translation>
        </message>
        <message>
            <source>days</source>
            <translation>Tage</translation>
        </message>
        <message>
            <source>has passed</source>
            <translation>ist vorbei</translation>
        </message>
        <message>
            <source>is</source>
            <translation>ist</translation>
        </message>
        <message>
            <source>is empty</source>
            <translation>ist leer</translation>
        </message>
        <message>
            <source>is mine</source>
            <translation>gehört mir</translation>
        </message>
        <message>
            <source>is not</source>
            <translation>ist nicht</translation>
        </message>
        <message>
            <source>is not empty</source>
            <translation>ist nicht leer</translation>
        </message>
        <message>
            <source>is open</source>
            <translation>ist offen</translation>
        </message>
        <message>
            <source>is within</source>
            <translation>liegt innerhalb von</translation>
        </message>
    </context>
    <context>
        <name>ConfirmStrip</name>
        <message>
            <source>Confirm (waits to send)</source>
            <translation>Bestätigen (wartet aufs Senden)</translation>
        </message>
        <message>
            <source>Confirm that you have read it</source>
            <translation>Lesen bestätigen</translation>
        </message>
        <message>
            <source>Open it first: what you confirm is what you have read.</source>
            <translation>Öffnen Sie es zuerst: Sie bestätigen, was Sie gelesen haben.</translation>
        </message>
    </context>
    <context>
        <name>ConflictPage</name>
        <message>
            <source>All mine</source>
            <translation>Alle meine</translation>
        </message>
        <message>
            <source>All theirs</source>
            <translation>Alle deren</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>Anwenden</translation>
        </message>
        <message>
            <source>Apply (waits to send)</source>
            <translation>Anwenden (wartet aufs Senden)</translation>
        </message>
        <message>
            <source>Apply and send</source>
            <translation>Anwenden und senden</translation>
        </message>
        <message>
            <source>Before both changes</source>
            <translation>Vor beiden Änderungen</translation>
        </message>
        <message>
            <source>Both sides agreed on this</source>
            <translation>Darin stimmen beide Seiten überein</translation>
        </message>
        <message>
            <source>Conflict</source>
            <translation>Konflikt</translation>
        </message>
        <message>
            <source>Decide every field first; {count} to go.</source>
            <translation>Entscheiden Sie zuerst jedes Feld; noch {count}.</translation>
        </message>
        <message>
            <source>Decide later</source>
            <translation>Später entscheiden</translation>
        </message>
        <message>
            <source>Edit the value</source>
            <translation>Wert bearbeiten</translation>
        </message>
        <message>
            <source>Field above</source>
            <translation>Feld darüber</translation>
        </message>
        <message>
            <source>Field below</source>
            <translation>Feld darunter</translation>
        </message>
        <message>
            <source>Mend the marked values first.</source>
            <translation>Korrigieren Sie zuerst die markierten Werte.</translation>
        </message>
        <message>
            <source>No conflict is waiting for you.</source>
            <translation>Kein Konflikt wartet auf Sie.</translation>
        </message>
        <message>
            <source>Open the sync centre</source>
            <translation>Sync-Zentrale öffnen</translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation>Sync-Zentrale</translation>
        </message>
        <message>
            <source>Take mine</source>
            <translation>Meinen nehmen</translation>
        </message>
        <message>
            <source>Take the base</source>
            <translation>Ausgangswert nehmen</translation>
        </message>
        <message>
            <source>Take theirs</source>
            <translation>Deren nehmen</translation>
        </message>
        <message>
            <source>The other field agrees on both sides and is left alone.</source>
            <translation>Das andere Feld stimmt auf beiden Seiten überein und bleibt unberührt.</translation>
        </message>
        <message>
            <source>The other {count} fields agree on both sides and are left alone.</source>
            <translation>Die anderen {count} Felder stimmen auf beiden Seiten überein und bleiben unberührt.</translation>
        </message>
        <message>
            <source>When you and {vendor} change the same field, you decide here.</source>
            <translation>Wenn Sie und {vendor} dasselbe Feld ändern, entscheiden Sie hier.</translation>
        </message>
        <message>
            <source>You, {name}</source>
            <translation>Sie, {name}</translation>
        </message>
        <message>
            <source>compared with {vendor}’s record as it is here</source>
            <translation>verglichen mit dem Datensatz von {vendor}, wie er hier ist</translation>
        </message>
        <message>
            <source>compared with {vendor}’s record as of {time}</source>
            <translation>verglichen mit dem Datensatz von {vendor}, Stand {time}</translation>
        </message>
        <message>
            <source>{done} of {all} decided. If the record changes again before this arrives, you are asked again.</source>
            <translation>{done} von {all} entschieden. Ändert sich der Datensatz, bevor das ankommt, werden Sie noch einmal gefragt.</translation>
        </message>
    </context>
    <context>
        <name>ConflictTable</name>
        <message>
            <source>Base</source>
            <translation>Ausgangswert</translation>
        </message>
        <message>
            <source>Fields that differ</source>
            <translation>Abweichende Felder</translation>
        </message>
        <message>
            <source>Mine</source>
            <translation>Meiner</translation>
        </message>
        <message>
            <source>Only fields that differ are shown</source>
            <translation>Nur abweichende Felder werden gezeigt</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Deren</translation>
        </message>
    </context>
    <context>
        <name>ConversationHead</name>
        <message>
            <source>Not sent yet</source>
            <translation>Noch nicht gesendet</translation>
        </message>
        <message>
            <source>on {day}</source>
            <translation>am {day}</translation>
        </message>
        <message>
            <source>raised by {name}</source>
            <translation>gestellt von {name}</translation>
        </message>
        <message>
            <source>you</source>
            <translation>Sie</translation>
        </message>
    </context>
    <context>
        <name>ConversationPane</name>
        <message>
            <source>Choose a request to read it here.</source>
            <translation>Wählen Sie eine Anfrage, um sie hier zu lesen.</translation>
        </message>
        <message>
            <source>Go on writing</source>
            <translation>Weiterschreiben</translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Sie ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>It is saved on this computer.</source>
            <translation>Sie ist auf diesem Computer gespeichert.</translation>
        </message>
        <message>
            <source>This request is no longer shared with you.</source>
            <translation>Diese Anfrage ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>What you wrote and had not sent is kept in the sync centre.</source>
            <translation>Was Sie geschrieben und nicht gesendet hatten, bleibt in der Sync-Zentrale.</translation>
        </message>
        <message>
            <source>not pulled</source>
            <translation>nicht geladen</translation>
        </message>
        <message>
            <source>queued</source>
            <translation>eingereiht</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>“{title}” is not submitted yet.</source>
            <translation>„{title}“ ist noch nicht eingereicht.</translation>
        </message>
    </context>
    <context>
        <name>CredentialCard</name>
        <message>
            <source>Certificate</source>
            <translation>Zertifikat</translation>
        </message>
        <message>
            <source>Ended {day}</source>
            <translation>Beendet {day}</translation>
        </message>
        <message>
            <source>Renewal {number}: {state}</source>
            <translation>Verlängerung {number}: {state}</translation>
        </message>
        <message>
            <source>Until {day} · {left} left</source>
            <translation>Bis {day} · noch {left}</translation>
        </message>
        <message>
            <source>Valid without an end</source>
            <translation>Gültig ohne Ende</translation>
        </message>
        <message>
            <source>Validity</source>
            <translation>Gültigkeit</translation>
        </message>
        <message>
            <source>{begin} to {day} · {left} left</source>
            <translation>{begin} bis {day} · noch {left}</translation>
        </message>
        <message>
            <source>{share} % of its time has passed</source>
            <translation>{share} % der Zeit sind vorbei</translation>
        </message>
    </context>
    <context>
        <name>CredentialPart</name>
        <message>
            <source>Membership</source>
            <translation>Mitgliedschaft</translation>
        </message>
    </context>
    <context>
        <name>DateControl</name>
        <message>
            <source>Day month year</source>
            <translation>Tag Monat Jahr</translation>
        </message>
        <message>
            <source>Not a date. Write it as {sample}.</source>
            <translation>Kein Datum. Schreiben Sie es wie {sample}.</translation>
        </message>
        <message>
            <source>Open the calendar</source>
            <translation>Kalender öffnen</translation>
        </message>
    </context>
    <context>
        <name>DaySection</name>
        <message>
            <source>Last 24 hours</source>
            <translation>Letzte 24 Stunden</translation>
        </message>
        <message>
            <source>no proof yet</source>
            <translation>noch kein Nachweis</translation>
        </message>
        <message>
            <source>proven in 1 hour</source>
            <translation>in 1 Stunde nachgewiesen</translation>
        </message>
        <message>
            <source>proven in {count} hours</source>
            <translation>in {count} Stunden nachgewiesen</translation>
        </message>
    </context>
    <context>
        <name>DayStrip</name>
        <message>
            <source>Now</source>
            <translation>Jetzt</translation>
        </message>
        <message>
            <source>{good} of {all} proofs on time</source>
            <translation>{good} von {all} Nachweisen rechtzeitig</translation>
        </message>
    </context>
    <context>
        <name>Decision</name>
        <message>
            <source>It counts only if nothing here changes before {vendor} has it.</source>
            <translation>Sie zählt nur, wenn sich hier nichts ändert, bevor {vendor} sie hat.</translation>
        </message>
        <message>
            <source>Open the newer one</source>
            <translation>Neueres öffnen</translation>
        </message>
        <message>
            <source>Take it back</source>
            <translation>Zurückholen</translation>
        </message>
        <message>
            <source>What was said about the one before</source>
            <translation>Was zum vorigen gesagt wurde</translation>
        </message>
        <message>
            <source>What you decided on has changed since</source>
            <translation>Worüber Sie entschieden haben, hat sich seitdem geändert</translation>
        </message>
        <message>
            <source>Your decision will not count. Take it back, read what stands here now, and decide again.</source>
            <translation>Ihre Entscheidung wird nicht zählen. Holen Sie sie zurück, lesen Sie, was jetzt hier steht, und entscheiden Sie noch einmal.</translation>
        </message>
        <message>
            <source>you</source>
            <translation>Sie</translation>
        </message>
        <message>
            <source>{decision}, waits to send</source>
            <translation>{decision}, wartet aufs Senden</translation>
        </message>
        <message>
            <source>{state} by {name}</source>
            <translation>{state} von {name}</translation>
        </message>
    </context>
    <context>
        <name>DecisionContent</name>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
    </context>
    <context>
        <name>DecisionFoot</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
    </context>
    <context>
        <name>DecisionPane</name>
        <message>
            <source>Choose one to read it here.</source>
            <translation>Wählen Sie etwas, um es hier zu lesen.</translation>
        </message>
        <message>
            <source>Hand in what is written</source>
            <translation>Geschriebenes abgeben</translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>Read what changed first.</source>
            <translation>Lesen Sie zuerst, was sich geändert hat.</translation>
        </message>
        <message>
            <source>This file is no longer shared with you.</source>
            <translation>Diese Datei ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This is no longer shared with you.</source>
            <translation>Das ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>What you decide on</source>
            <translation>Worüber Sie entscheiden</translation>
        </message>
        <message>
            <source>What you had not sent is kept in the sync centre.</source>
            <translation>Was Sie nicht gesendet hatten, bleibt in der Sync-Zentrale.</translation>
        </message>
        <message>
            <source>You can read this. Others at your company may decide.</source>
            <translation>Sie können das lesen. Andere in Ihrer Firma dürfen entscheiden.</translation>
        </message>
        <message>
            <source>You can read this. {who} may decide.</source>
            <translation>Sie können das lesen. {who} darf entscheiden.</translation>
        </message>
        <message>
            <source>You decide on its file too, which is not on this computer yet.</source>
            <translation>Sie entscheiden auch über die Datei; sie ist noch nicht auf diesem Computer.</translation>
        </message>
        <message>
            <source>You decide on its file too. It is being pulled.</source>
            <translation>Sie entscheiden auch über die Datei; sie wird geladen.</translation>
        </message>
        <message>
            <source>Your decision waits to send. It counts only if nothing here changes before.</source>
            <translation>Ihre Entscheidung wartet aufs Senden. Sie zählt nur, wenn sich hier vorher nichts ändert.</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>DecisionRow</name>
        <message>
            <source>Base: {value}</source>
            <translation>Ausgangswert: {value}</translation>
        </message>
        <message>
            <source>Edit the value of {field}</source>
            <translation>Wert von {field} bearbeiten</translation>
        </message>
        <message>
            <source>Edited by you</source>
            <translation>Von Ihnen bearbeitet</translation>
        </message>
        <message>
            <source>starts from both texts</source>
            <translation>beginnt mit beiden Texten</translation>
        </message>
        <message>
            <source>starts from yours</source>
            <translation>beginnt mit Ihrem</translation>
        </message>
        <message>
            <source>{field}, edited by you</source>
            <translation>{field}, von Ihnen bearbeitet</translation>
        </message>
        <message>
            <source>{field}, mine: {value}</source>
            <translation>{field}, meiner: {value}</translation>
        </message>
        <message>
            <source>{field}, theirs: {value}</source>
            <translation>{field}, deren: {value}</translation>
        </message>
    </context>
    <context>
        <name>DeliverableCard</name>
        <message>
            <source>Deliverables</source>
            <translation>Lieferungen</translation>
        </message>
        <message>
            <source>version {version}</source>
            <translation>Version {version}</translation>
        </message>
    </context>
    <context>
        <name>DeliverablePane</name>
        <message>
            <source>Hand in what is written</source>
            <translation>Geschriebenes abgeben</translation>
        </message>
        <message>
            <source>Other versions</source>
            <translation>Andere Versionen</translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation>Kommentar schreiben</translation>
        </message>
    </context>
    <context>
        <name>DesktopSection</name>
        <message>
            <source>All</source>
            <translation>Alle</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Closing the window</source>
            <translation>Beim Schließen des Fensters</translation>
        </message>
        <message>
            <source>Desktop</source>
            <translation>Desktop</translation>
        </message>
        <message>
            <source>In the tray it keeps in step. Quit it from the menu there.</source>
            <translation>In der Taskleiste bleibt es auf dem Stand. Beenden Sie es dort im Menü.</translation>
        </message>
        <message>
            <source>Kinds and numbers only, at most one a minute, while you look elsewhere.</source>
            <translation>Nur Arten und Zahlen, höchstens eine pro Minute, während Sie anderswo hinsehen.</translation>
        </message>
        <message>
            <source>Motion</source>
            <translation>Bewegung</translation>
        </message>
        <message>
            <source>Needs me</source>
            <translation>Braucht mich</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Keine</translation>
        </message>
        <message>
            <source>Notifications</source>
            <translation>Mitteilungen</translation>
        </message>
        <message>
            <source>Quits</source>
            <translation>Beendet</translation>
        </message>
        <message>
            <source>Reduced</source>
            <translation>Weniger</translation>
        </message>
        <message>
            <source>Reduced: nothing fades in or out.</source>
            <translation>Weniger: Nichts blendet ein oder aus.</translation>
        </message>
        <message>
            <source>Stays in the tray</source>
            <translation>Bleibt in der Taskleiste</translation>
        </message>
    </context>
    <context>
        <name>Detail</name>
        <message>
            <source>Ask {vendor}</source>
            <translation>{vendor} fragen</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Mend it</source>
            <translation>Korrigieren</translation>
        </message>
        <message>
            <source>Not handed in yet</source>
            <translation>Noch nicht eingereicht</translation>
        </message>
        <message>
            <source>Open {name}</source>
            <translation>{name} öffnen</translation>
        </message>
        <message>
            <source>Saved on this computer {when}</source>
            <translation>Auf diesem Computer gespeichert: {when}</translation>
        </message>
        <message>
            <source>Send again</source>
            <translation>Erneut senden</translation>
        </message>
        <message>
            <source>You can: {commands}</source>
            <translation>Sie können: {commands}</translation>
        </message>
        <message>
            <source>{vendor} sent this back</source>
            <translation>{vendor} hat das zurückgegeben</translation>
        </message>
        <message>
            <source>“{command}” no longer fits: this {what} is {state} now.</source>
            <translation>„{command}“ passt nicht mehr: {what} steht jetzt auf „{state}“.</translation>
        </message>
    </context>
    <context>
        <name>DetailHead</name>
        <message>
            <source>Back to the list</source>
            <translation>Zurück zur Liste</translation>
        </message>
        <message>
            <source>Continue</source>
            <translation>Fortfahren</translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation>Link kopieren</translation>
        </message>
        <message>
            <source>Copy number</source>
            <translation>Nummer kopieren</translation>
        </message>
        <message>
            <source>Draft</source>
            <translation>Entwurf</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>More</source>
            <translation>Mehr</translation>
        </message>
        <message>
            <source>Not sent yet</source>
            <translation>Noch nicht gesendet</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>Anheften</translation>
        </message>
        <message>
            <source>Print…</source>
            <translation>Drucken…</translation>
        </message>
        <message>
            <source>Save as PDF…</source>
            <translation>Als PDF speichern…</translation>
        </message>
        <message>
            <source>Unpin</source>
            <translation>Lösen</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
    </context>
    <context>
        <name>DetailPane</name>
        <message>
            <source>Edit discarded</source>
            <translation>Änderung verworfen</translation>
        </message>
        <message>
            <source>Nothing can be edited now. What you typed is kept.</source>
            <translation>Jetzt lässt sich nichts bearbeiten. Was Sie eingegeben haben, bleibt.</translation>
        </message>
        <message>
            <source>What you wrote stands below, as a comment.</source>
            <translation>Was Sie geschrieben haben, steht unten als Kommentar.</translation>
        </message>
    </context>
    <context>
        <name>DetailsSection</name>
        <message>
            <source>Ask for a change</source>
            <translation>Änderung erbitten</translation>
        </message>
        <message>
            <source>Ask for a change of {what}</source>
            <translation>Änderung erbitten: {what}</translation>
        </message>
        <message>
            <source>Edit details</source>
            <translation>Angaben bearbeiten</translation>
        </message>
        <message>
            <source>Set by {vendor}</source>
            <translation>Von {vendor} festgelegt</translation>
        </message>
        <message>
            <source>{vendor} tells nothing more about it here.</source>
            <translation>{vendor} zeigt dazu hier nichts weiter.</translation>
        </message>
    </context>
    <context>
        <name>DeviceRow</name>
        <message>
            <source>Erase</source>
            <translation>Löschen</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>This one</source>
            <translation>Dieses Gerät</translation>
        </message>
    </context>
    <context>
        <name>DevicesSection</name>
        <message>
            <source>Asking {vendor}.</source>
            <translation>{vendor} wird gefragt.</translation>
        </message>
        <message>
            <source>Erase it</source>
            <translation>Löschen</translation>
        </message>
        <message>
            <source>Erase {name}?</source>
            <translation>{name} löschen?</translation>
        </message>
        <message>
            <source>For a device that is lost or stolen. When it next comes online, everything of this account on it is destroyed, and so is what was entered there and has not reached {vendor}. This cannot be undone.</source>
            <translation>Für ein Gerät, das verloren oder gestohlen ist. Wenn es das nächste Mal online ist, wird alles von diesem Konto darauf vernichtet, auch was dort eingegeben wurde und {vendor} nicht erreicht hat. Das lässt sich nicht rückgängig machen.</translation>
        </message>
        <message>
            <source>Its session ends at once. What it holds stays on it, encrypted, until you sign in there again.</source>
            <translation>Die Sitzung dort endet sofort. Was das Gerät hat, bleibt darauf, verschlüsselt, bis Sie sich dort wieder anmelden.</translation>
        </message>
        <message>
            <source>Its session is over already. What it holds is erased when it next comes online.</source>
            <translation>Die Sitzung dort ist schon beendet. Was das Gerät hat, wird gelöscht, wenn es das nächste Mal online ist.</translation>
        </message>
        <message>
            <source>Leave it</source>
            <translation>Lassen</translation>
        </message>
        <message>
            <source>One moment: the gateway is asked.</source>
            <translation>Einen Moment: Das Gateway wird gefragt.</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Sign out and erase</source>
            <translation>Abmelden und löschen</translation>
        </message>
        <message>
            <source>Sign out {name}?</source>
            <translation>{name} abmelden?</translation>
        </message>
        <message>
            <source>Signed in {when}</source>
            <translation>Angemeldet {when}</translation>
        </message>
        <message>
            <source>Signed out</source>
            <translation>Abgemeldet</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Noch einmal versuchen</translation>
        </message>
        <message>
            <source>You are offline. {vendor} keeps this list; it can be changed when you are back.</source>
            <translation>Sie sind offline. {vendor} führt diese Liste; sie lässt sich ändern, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>Your devices</source>
            <translation>Ihre Geräte</translation>
        </message>
        <message>
            <source>and erase what it holds</source>
            <translation>und löschen, was es hat</translation>
        </message>
        <message>
            <source>{name} is erased as soon as it comes online</source>
            <translation>{name} wird gelöscht, sobald es online ist</translation>
        </message>
        <message>
            <source>{name} is signed out</source>
            <translation>{name} ist abgemeldet</translation>
        </message>
        <message>
            <source>{since} · last seen {when}</source>
            <translation>{since} · zuletzt gesehen {when}</translation>
        </message>
    </context>
    <context>
        <name>DiagnosticsWindow</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Content of the file</source>
            <translation>Inhalt der Datei</translation>
        </message>
        <message>
            <source>Every file is left out.</source>
            <translation>Jede Datei ist weggelassen.</translation>
        </message>
        <message>
            <source>File for support</source>
            <translation>Datei für den Support</translation>
        </message>
        <message>
            <source>Files that go in</source>
            <translation>Dateien, die hineinkommen</translation>
        </message>
        <message>
            <source>Nothing is sent. Look at each file, leave out what you like, save it, and hand it to support.</source>
            <translation>Nichts wird versendet. Jede Datei ansehen, weglassen, was nicht hinein soll, speichern und dem Support geben.</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>Speichern unter …</translation>
        </message>
        <message>
            <source>{files}, {size} kB before packing</source>
            <translation>{files}, {size} kB vor dem Packen</translation>
        </message>
    </context>
    <context>
        <name>DiffText</name>
        <message>
            <source>added: {words}.</source>
            <translation>hinzugefügt: {words}.</translation>
        </message>
        <message>
            <source>removed: {words}.</source>
            <translation>entfernt: {words}.</translation>
        </message>
    </context>
    <context>
        <name>DifferenceLine</name>
        <message>
            <source>nothing</source>
            <translation>nichts</translation>
        </message>
        <message>
            <source>{label}: was {before}, is {after}</source>
            <translation>{label}: vorher {before}, jetzt {after}</translation>
        </message>
    </context>
    <context>
        <name>DocumentListModel</name>
        <message>
            <source>changed since you read it</source>
            <translation>geändert, seit Sie es gelesen haben</translation>
        </message>
    </context>
    <context>
        <name>DocumentsPage</name>
        <message>
            <source>1 earlier version</source>
            <translation>1 frühere Version</translation>
        </message>
        <message>
            <source>Back to the list</source>
            <translation>Zurück zur Liste</translation>
        </message>
        <message>
            <source>Changed</source>
            <translation>Geändert</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Dokumente</translation>
        </message>
        <message>
            <source>Earlier versions of the document</source>
            <translation>Frühere Versionen des Dokuments</translation>
        </message>
        <message>
            <source>Fold earlier versions</source>
            <translation>Frühere Versionen einklappen</translation>
        </message>
        <message>
            <source>Keep offline, or let go</source>
            <translation>Offline behalten oder freigeben</translation>
        </message>
        <message>
            <source>No document has “{text}” in its title or text</source>
            <translation>Kein Dokument hat „{text}“ im Titel oder Text</translation>
        </message>
        <message>
            <source>Nothing here now</source>
            <translation>Jetzt ist nichts hier</translation>
        </message>
        <message>
            <source>Press P on a document to keep it on this computer.</source>
            <translation>Drücken Sie P auf einem Dokument, um es auf diesem Computer zu behalten.</translation>
        </message>
        <message>
            <source>Read the document</source>
            <translation>Dokument lesen</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Search in the document</source>
            <translation>Im Dokument suchen</translation>
        </message>
        <message>
            <source>Search titles and the text inside</source>
            <translation>Titel und Texte durchsuchen</translation>
        </message>
        <message>
            <source>Show all</source>
            <translation>Alle zeigen</translation>
        </message>
        <message>
            <source>The text inside is searched once a document is on this computer.</source>
            <translation>Der Text wird durchsucht, sobald ein Dokument auf diesem Computer ist.</translation>
        </message>
        <message>
            <source>{count} earlier versions</source>
            <translation>{count} frühere Versionen</translation>
        </message>
        <message>
            <source>{count} waiting</source>
            <translation>{count} warten</translation>
        </message>
    </context>
    <context>
        <name>DraftFiles</name>
        <message>
            <source>No files are added at a shared screen. Add them on your own computer.</source>
            <translation>An einem gemeinsamen Bildschirm werden keine Dateien hinzugefügt. Das geht am eigenen Computer.</translation>
        </message>
        <message>
            <source>pages</source>
            <translation>Seiten</translation>
        </message>
    </context>
    <context>
        <name>DraftSheet</name>
        <message>
            <source>Everything you entered is here. Mend it and submit it again.</source>
            <translation>Alles, was Sie eingegeben haben, ist hier. Korrigieren Sie es und reichen Sie es erneut ein.</translation>
        </message>
        <message>
            <source>Evidence</source>
            <translation>Nachweise</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>Nachricht</translation>
        </message>
        <message>
            <source>Say what happened and what you need</source>
            <translation>Schreiben Sie, was geschah und was Sie brauchen</translation>
        </message>
        <message>
            <source>copied</source>
            <translation>kopiert</translation>
        </message>
        <message>
            <source>optional</source>
            <translation>optional</translation>
        </message>
        <message>
            <source>{vendor} sent this back</source>
            <translation>{vendor} hat das zurückgegeben</translation>
        </message>
    </context>
    <context>
        <name>DropArea</name>
        <message>
            <source>Drop files, or</source>
            <translation>Dateien ablegen oder</translation>
        </message>
        <message>
            <source>Drop files, or browse</source>
            <translation>Dateien ablegen oder auswählen</translation>
        </message>
        <message>
            <source>browse</source>
            <translation>auswählen</translation>
        </message>
    </context>
    <context>
        <name>EditPane</name>
        <message>
            <source>Both sides changed: {fields}</source>
            <translation>Beide Seiten haben geändert: {fields}</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Decide it in the comparison. Everything else can be edited here.</source>
            <translation>Entscheiden Sie es im Vergleich. Alles andere lässt sich hier bearbeiten.</translation>
        </message>
        <message>
            <source>Edit {title}</source>
            <translation>{title} bearbeiten</translation>
        </message>
        <message>
            <source>Follow-up</source>
            <translation>Nachverfolgung</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Speichern</translation>
        </message>
        <message>
            <source>What you typed no longer fits, since it is locked now. {values}</source>
            <translation>Was Sie eingegeben haben, passt nicht mehr, denn es ist jetzt gesperrt. {values}</translation>
        </message>
        <message>
            <source>You and {vendor} both changed this. Compare to decide.</source>
            <translation>Sie und {vendor} haben das beide geändert. Vergleichen Sie, um zu entscheiden.</translation>
        </message>
        <message>
            <source>Your view, and what you do together</source>
            <translation>Ihre Sicht und was Sie gemeinsam tun</translation>
        </message>
        <message>
            <source>{vendor} has {value} here now.</source>
            <translation>{vendor} hat hier jetzt {value}.</translation>
        </message>
    </context>
    <context>
        <name>Entrance</name>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Back at this version</source>
            <translation>Wieder bei dieser Version</translation>
        </message>
        <message>
            <source>Brought over: {kept} changes and drafts that were not sent.</source>
            <translation>Herübergeholt: {kept} Änderungen und Entwürfe, die nicht gesendet waren.</translation>
        </message>
        <message>
            <source>Choose a passphrase</source>
            <translation>Passphrase wählen</translation>
        </message>
        <message>
            <source>Choose an account</source>
            <translation>Konto wählen</translation>
        </message>
        <message>
            <source>Counterpart cannot open</source>
            <translation>Counterpart kann sich nicht öffnen</translation>
        </message>
        <message>
            <source>Counterpart opens the vendor’s sign-in page in your browser.</source>
            <translation>Counterpart öffnet die Anmeldeseite des Anbieters im Browser.</translation>
        </message>
        <message>
            <source>Counterpart opens the vendor’s sign-in page in your browser. Write the address the vendor gave you.</source>
            <translation>Counterpart öffnet die Anmeldeseite des Anbieters in Ihrem Browser. Geben Sie die Adresse ein, die der Anbieter Ihnen gab.</translation>
        </message>
        <message>
            <source>Erasing</source>
            <translation>Wird gelöscht</translation>
        </message>
        <message>
            <source>Everything that was not sent was brought over.</source>
            <translation>Alles, was nicht gesendet war, wurde übernommen.</translation>
        </message>
        <message>
            <source>Go back</source>
            <translation>Zurückgehen</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>Weiter</translation>
        </message>
        <message>
            <source>Go on in your browser</source>
            <translation>Im Browser geht es weiter</translation>
        </message>
        <message>
            <source>Going back</source>
            <translation>Es wird zurückgegangen</translation>
        </message>
        <message>
            <source>It is set aside, what was not sent is brought over, and the vendor’s records are read afresh.</source>
            <translation>Er wird beiseitegelegt, das nicht Gesendete wird übernommen, und die Datensätze des Anbieters werden neu gelesen.</translation>
        </message>
        <message>
            <source>Its store cannot be read by this version. Start the newer version, or go back: what was not sent is brought over, and nothing is deleted.</source>
            <translation>Diese Version kann den Speicher nicht lesen. Die neuere Version starten oder zurückgehen: Was nicht gesendet ist, wird herübergeholt, und nichts wird gelöscht.</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>Noch einmal nachsehen</translation>
        </message>
        <message>
            <source>Not allowed on this computer</source>
            <translation>Auf diesem Computer nicht erlaubt</translation>
        </message>
        <message>
            <source>Not understood by this version: {left}. They are kept in a file beside the store.</source>
            <translation>Für diese Version nicht lesbar: {left}. Sie bleiben in einer Datei neben dem Speicher.</translation>
        </message>
        <message>
            <source>One moment.</source>
            <translation>Einen Moment.</translation>
        </message>
        <message>
            <source>Opening</source>
            <translation>Wird geöffnet</translation>
        </message>
        <message>
            <source>Opening {vendor}</source>
            <translation>{vendor} wird geöffnet</translation>
        </message>
        <message>
            <source>Salvage and go on</source>
            <translation>Retten und weiter</translation>
        </message>
        <message>
            <source>Salvaging what was not sent</source>
            <translation>Nicht Gesendetes wird gerettet</translation>
        </message>
        <message>
            <source>Setting the old store aside</source>
            <translation>Der alte Speicher wird beiseitegelegt</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>Anmelden</translation>
        </message>
        <message>
            <source>Sign in again</source>
            <translation>Wieder anmelden</translation>
        </message>
        <message>
            <source>Start afresh</source>
            <translation>Neu anfangen</translation>
        </message>
        <message>
            <source>Start without the key?</source>
            <translation>Ohne den Schlüssel anfangen?</translation>
        </message>
        <message>
            <source>The key is missing</source>
            <translation>Der Schlüssel fehlt</translation>
        </message>
        <message>
            <source>The key of this account is not in your key store any more, so what is kept here cannot be opened. It stays where it is. Restore the key, or start afresh: the vendor’s records come again, what was not sent does not.</source>
            <translation>Der Schlüssel dieses Kontos ist nicht mehr in Ihrem Schlüsselspeicher; was hier liegt, lässt sich nicht öffnen. Es bleibt, wo es ist. Stellen Sie den Schlüssel wieder her, oder fangen Sie neu an: Die Datensätze des Anbieters kommen wieder, nicht Gesendetes kommt nicht wieder.</translation>
        </message>
        <message>
            <source>The store on this computer is damaged</source>
            <translation>Der Speicher auf diesem Computer ist beschädigt</translation>
        </message>
        <message>
            <source>The two are not the same.</source>
            <translation>Die beiden stimmen nicht überein.</translation>
        </message>
        <message>
            <source>The vendor’s records are read afresh.</source>
            <translation>Die Datensätze des Anbieters werden neu gelesen.</translation>
        </message>
        <message>
            <source>The vendor’s records are those of before the newer version, and are brought up to date.</source>
            <translation>Die Datensätze des Anbieters sind die von vor der neueren Version und werden auf den Stand gebracht.</translation>
        </message>
        <message>
            <source>The vendor’s sign-in page is open there. Counterpart goes on by itself when you are done.</source>
            <translation>Dort ist die Anmeldeseite des Anbieters offen. Counterpart geht von selbst weiter, wenn Sie fertig sind.</translation>
        </message>
        <message>
            <source>This account is locked</source>
            <translation>Dieses Konto ist gesperrt</translation>
        </message>
        <message>
            <source>This account is not on this computer any more.</source>
            <translation>Dieses Konto ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>This computer has no secure key store. </source>
            <translation>Dieser Computer hat keinen sicheren Schlüsselspeicher. </translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Noch einmal versuchen</translation>
        </message>
        <message>
            <source>Unlock {vendor}</source>
            <translation>{vendor} entsperren</translation>
        </message>
        <message>
            <source>Use a passphrase instead</source>
            <translation>Stattdessen eine Passphrase nutzen</translation>
        </message>
        <message>
            <source>Welcome</source>
            <translation>Willkommen</translation>
        </message>
        <message>
            <source>What could be read was brought over.</source>
            <translation>Was lesbar war, wurde übernommen.</translation>
        </message>
        <message>
            <source>What is kept on this computer is encrypted. Your passphrase opens it.</source>
            <translation>Was auf diesem Computer liegt, ist verschlüsselt. Ihre Passphrase öffnet es.</translation>
        </message>
        <message>
            <source>What is on this computer and was not sent is set aside. It stays encrypted and can be opened again should the key come back. The vendor’s records come again by themselves.</source>
            <translation>Was auf diesem Computer liegt und nicht gesendet ist, wird beiseitegelegt. Es bleibt verschlüsselt und lässt sich wieder öffnen, falls der Schlüssel zurückkommt. Die Datensätze des Anbieters kommen von selbst wieder.</translation>
        </message>
        <message>
            <source>What you were writing is kept. Nothing is sent or fetched until you unlock.</source>
            <translation>Was gerade geschrieben wurde, ist aufbewahrt. Bis zum Entsperren wird nichts gesendet und nichts abgeholt.</translation>
        </message>
        <message>
            <source>Your passphrase opens it.</source>
            <translation>Die Passphrase öffnet es.</translation>
        </message>
        <message>
            <source>Your store was salvaged</source>
            <translation>Ihr Speicher wurde gerettet</translation>
        </message>
        <message>
            <source>{cause} Show this to your IT department; once it is mended, start Counterpart again. {kept}</source>
            <translation>{cause} Bitte der IT-Abteilung zeigen; sobald es behoben ist, Counterpart neu starten. {kept}</translation>
        </message>
        <message>
            <source>{what} It was {kept} changes and drafts. The vendor’s records are read afresh.</source>
            <translation>{what} Es waren {kept} Änderungen und Entwürfe. Die Datensätze des Anbieters werden neu gelesen.</translation>
        </message>
        <message>
            <source>{why}What is kept here is encrypted with a passphrase that only you know. Nobody can recover it; without it, what was not sent yet is lost.</source>
            <translation>{why}Was hier liegt, wird mit einer Passphrase verschlüsselt, die nur Sie kennen. Niemand kann sie wiederherstellen; ohne sie ist verloren, was noch nicht gesendet ist.</translation>
        </message>
    </context>
    <context>
        <name>EntranceFoot</name>
        <message>
            <source>Call for help</source>
            <translation>Hilfe rufen</translation>
        </message>
        <message>
            <source>New code</source>
            <translation>Neuer Code</translation>
        </message>
        <message>
            <source>Nothing of yours stays here.</source>
            <translation>Nichts davon bleibt hier.</translation>
        </message>
        <message>
            <source>Speaks another language.</source>
            <translation>Spricht eine andere Sprache.</translation>
        </message>
    </context>
    <context>
        <name>EntranceScreen</name>
        <message>
            <source>A code is on its way.</source>
            <translation>Ein Code ist unterwegs.</translation>
        </message>
        <message>
            <source>One moment</source>
            <translation>Einen Moment</translation>
        </message>
        <message>
            <source>Sign in at this screen</source>
            <translation>An diesem Bildschirm anmelden</translation>
        </message>
        <message>
            <source>What was open here is put away.</source>
            <translation>Was hier offen war, wird weggeräumt.</translation>
        </message>
        <message>
            <source>You are signed in</source>
            <translation>Angemeldet</translation>
        </message>
        <message>
            <source>Your portal opens. You can put your phone away.</source>
            <translation>Das Portal öffnet sich. Das Telefon kann weggelegt werden.</translation>
        </message>
    </context>
    <context>
        <name>EntranceWindow</name>
        <message>
            <source>Check this computer</source>
            <translation>Diesen Computer prüfen</translation>
        </message>
    </context>
    <context>
        <name>EventList</name>
        <message>
            <source>What happened</source>
            <translation>Was geschehen ist</translation>
        </message>
    </context>
    <context>
        <name>EventRow</name>
        <message>
            <source>Receipt {name}</source>
            <translation>Beleg {name}</translation>
        </message>
    </context>
    <context>
        <name>ExplainPopover</name>
        <message>
            <source>What the fields are</source>
            <translation>Was die Felder sind</translation>
        </message>
    </context>
    <context>
        <name>Explaining</name>
        <message>
            <source>What is “{field}”?</source>
            <translation>Was ist „{field}“?</translation>
        </message>
    </context>
    <context>
        <name>Export</name>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
    </context>
    <context>
        <name>Field</name>
        <message>
            <source>Error</source>
            <translation>Fehler</translation>
        </message>
        <message>
            <source>optional</source>
            <translation>optional</translation>
        </message>
        <message>
            <source>{used} of {limit}</source>
            <translation>{used} von {limit}</translation>
        </message>
    </context>
    <context>
        <name>FileCards</name>
        <message>
            <source>Files of this kind open in another program. Save a copy and open it from there.</source>
            <translation>Dateien dieser Art öffnen sich in einem anderen Programm. Speichern Sie eine Kopie und öffnen Sie sie von dort.</translation>
        </message>
        <message>
            <source>It cannot be shown</source>
            <translation>Es lässt sich nicht zeigen</translation>
        </message>
        <message>
            <source>It does not hold any more, so it is not shown.</source>
            <translation>Es gilt nicht mehr und wird deshalb nicht gezeigt.</translation>
        </message>
        <message>
            <source>It is not what its kind says, or damaged. Ask {vendor} for it.</source>
            <translation>Sie ist nicht, was ihre Art sagt, oder beschädigt. {vendor} danach fragen.</translation>
        </message>
        <message>
            <source>It is not what its kind says, or damaged. Save a copy, or ask {vendor} for it.</source>
            <translation>Die Datei ist beschädigt oder von anderer Art als angegeben. Speichern Sie eine Kopie, oder fragen Sie {vendor} danach.</translation>
        </message>
        <message>
            <source>Its copy was deleted from this computer. {vendor} can tell you why.</source>
            <translation>Seine Kopie wurde von diesem Computer gelöscht. {vendor} kann Ihnen sagen, warum.</translation>
        </message>
        <message>
            <source>No preview</source>
            <translation>Keine Vorschau</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Shown here it would hold everything up. Save a copy and open it from there.</source>
            <translation>Hier gezeigt, würde es alles aufhalten. Speichern Sie eine Kopie und öffnen Sie sie von dort.</translation>
        </message>
        <message>
            <source>There is no file here yet.</source>
            <translation>Hier ist noch keine Datei.</translation>
        </message>
        <message>
            <source>This document is no longer shared with you.</source>
            <translation>Dieses Dokument ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This shared screen shows none of these. Open it on your own computer.</source>
            <translation>Dieser gemeinsame Bildschirm zeigt solche Dateien nicht. Am eigenen Computer öffnen.</translation>
        </message>
        <message>
            <source>Too large for a preview</source>
            <translation>Zu groß für eine Vorschau</translation>
        </message>
        <message>
            <source>What you wrote about it is kept in the sync centre.</source>
            <translation>Was Sie dazu geschrieben haben, bleibt in der Sync-Zentrale.</translation>
        </message>
        <message>
            <source>{vendor} has not added it. It appears here once it is there.</source>
            <translation>{vendor} hat sie noch nicht hinzugefügt. Sie erscheint hier, sobald sie da ist.</translation>
        </message>
        <message>
            <source>{vendor} has withdrawn this document.</source>
            <translation>{vendor} hat dieses Dokument zurückgezogen.</translation>
        </message>
    </context>
    <context>
        <name>FileDrops</name>
        <message>
            <source>Drop to add to {what}</source>
            <translation>Ablegen, um hinzuzufügen: {what}</translation>
        </message>
    </context>
    <context>
        <name>FileLine</name>
        <message>
            <source>It is not on this computer yet. Open it, or keep it, to pull it.</source>
            <translation>Sie ist noch nicht auf diesem Computer. Öffnen oder behalten Sie sie, um sie zu laden.</translation>
        </message>
        <message>
            <source>Keep on this computer</source>
            <translation>Auf diesem Computer behalten</translation>
        </message>
        <message>
            <source>Kept on this computer</source>
            <translation>Bleibt auf diesem Computer</translation>
        </message>
        <message>
            <source>Kept on this computer. Press to let it go</source>
            <translation>Bleibt auf diesem Computer. Drücken, um sie freizugeben</translation>
        </message>
        <message>
            <source>No longer kept</source>
            <translation>Nicht mehr behalten</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open {name}</source>
            <translation>{name} öffnen</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>being pulled</source>
            <translation>wird geladen</translation>
        </message>
        <message>
            <source>comes when you are back</source>
            <translation>kommt, wenn Sie online sind</translation>
        </message>
        <message>
            <source>here</source>
            <translation>hier</translation>
        </message>
        <message>
            <source>kept offline</source>
            <translation>offline verfügbar</translation>
        </message>
        <message>
            <source>not here</source>
            <translation>nicht hier</translation>
        </message>
        <message>
            <source>the pull stopped</source>
            <translation>das Laden wurde unterbrochen</translation>
        </message>
        <message>
            <source>{size} · {where}</source>
            <translation>{size} · {where}</translation>
        </message>
    </context>
    <context>
        <name>FileRow</name>
        <message>
            <source>Remove {name}</source>
            <translation>{name} entfernen</translation>
        </message>
    </context>
    <context>
        <name>FileViewer</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Choose a document to read it here.</source>
            <translation>Wählen Sie ein Dokument, um es hier zu lesen.</translation>
        </message>
        <message>
            <source>It comes as soon as what is before it has come.</source>
            <translation>Es kommt, sobald da ist, was vor ihm kommt.</translation>
        </message>
        <message>
            <source>It comes when you are back. You may close the app meanwhile.</source>
            <translation>Es kommt, wenn Sie wieder online sind. Sie können die App inzwischen schließen.</translation>
        </message>
        <message>
            <source>It could not be fetched.</source>
            <translation>Es ließ sich nicht holen.</translation>
        </message>
        <message>
            <source>Not on this computer yet</source>
            <translation>Noch nicht auf diesem Computer</translation>
        </message>
        <message>
            <source>Opening “{title}”</source>
            <translation>„{title}“ wird geöffnet</translation>
        </message>
        <message>
            <source>Pull</source>
            <translation>Laden</translation>
        </message>
        <message>
            <source>Pull again</source>
            <translation>Erneut laden</translation>
        </message>
        <message>
            <source>Pulling “{title}”</source>
            <translation>„{title}“ wird geladen</translation>
        </message>
        <message>
            <source>Queue the pull</source>
            <translation>Zum Laden vormerken</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>The pull stopped</source>
            <translation>Das Laden wurde unterbrochen</translation>
        </message>
        <message>
            <source>Waiting to be pulled</source>
            <translation>Wartet aufs Laden</translation>
        </message>
        <message>
            <source>{size}. Once pulled it opens without a network.</source>
            <translation>{size}. Einmal geladen, öffnet es sich ohne Verbindung.</translation>
        </message>
        <message>
            <source>{size}. You are offline; it is pulled when you are back.</source>
            <translation>{size}. Sie sind offline; es wird geladen, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>FilterPanel</name>
        <message>
            <source>Add a condition</source>
            <translation>Bedingung hinzufügen</translation>
        </message>
        <message>
            <source>Change “{name}”</source>
            <translation>„{name}“ ändern</translation>
        </message>
        <message>
            <source>Complete a condition first.</source>
            <translation>Vervollständigen Sie zuerst eine Bedingung.</translation>
        </message>
        <message>
            <source>Conditions</source>
            <translation>Bedingungen</translation>
        </message>
        <message>
            <source>Filter</source>
            <translation>Filter</translation>
        </message>
        <message>
            <source>Keep it as</source>
            <translation>Behalten als</translation>
        </message>
        <message>
            <source>Name of the filter</source>
            <translation>Name des Filters</translation>
        </message>
        <message>
            <source>Save filter</source>
            <translation>Filter speichern</translation>
        </message>
        <message>
            <source>Shows what meets every condition.</source>
            <translation>Zeigt, was alle Bedingungen erfüllt.</translation>
        </message>
        <message>
            <source>Start afresh</source>
            <translation>Von vorn</translation>
        </message>
    </context>
    <context>
        <name>FindingRow</name>
        <message>
            <source>In order</source>
            <translation>In Ordnung</translation>
        </message>
        <message>
            <source>Look at it</source>
            <translation>Ansehen</translation>
        </message>
        <message>
            <source>Mend it</source>
            <translation>Beheben</translation>
        </message>
        <message>
            <source>Not known</source>
            <translation>Unbekannt</translation>
        </message>
    </context>
    <context>
        <name>FirstStepsStrip</name>
        <message>
            <source>Not now</source>
            <translation>Jetzt nicht</translation>
        </message>
        <message>
            <source>To begin with</source>
            <translation>Für den Anfang</translation>
        </message>
    </context>
    <context>
        <name>FirstSyncPage</name>
        <message>
            <source>After this, Counterpart opens at once and works without a network. You can start now with what is ready.</source>
            <translation>Danach öffnet sich Counterpart sofort und arbeitet ohne Verbindung. Mit dem, was bereit ist, können Sie schon anfangen.</translation>
        </message>
        <message>
            <source>Asking {vendor} what is yours</source>
            <translation>{vendor} wird gefragt, was Ihnen gehört</translation>
        </message>
        <message>
            <source>Bringing your records to this computer</source>
            <translation>Ihre Datensätze kommen auf diesen Computer</translation>
        </message>
        <message>
            <source>First sync</source>
            <translation>Erste Synchronisierung</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>Weiter</translation>
        </message>
        <message>
            <source>If you close the app or lose the network, it goes on from here.</source>
            <translation>Wenn Sie die App schließen oder die Verbindung verlieren, geht es von hier weiter.</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <source>Paused. What has come is kept, and you can work with what is ready.</source>
            <translation>Angehalten. Was da ist, bleibt, und mit dem, was bereit ist, können Sie arbeiten.</translation>
        </message>
        <message>
            <source>Records on this computer</source>
            <translation>Datensätze auf diesem Computer</translation>
        </message>
        <message>
            <source>They come in after the records.</source>
            <translation>Sie kommen nach den Datensätzen.</translation>
        </message>
        <message>
            <source>Welcome, {name}</source>
            <translation>Willkommen, {name}</translation>
        </message>
        <message>
            <source>a second</source>
            <translation>pro Sekunde</translation>
        </message>
        <message>
            <source>about</source>
            <translation>etwa</translation>
        </message>
        <message>
            <source>left</source>
            <translation>verbleiben</translation>
        </message>
        <message>
            <source>of {total} records</source>
            <translation>von {total} Datensätzen</translation>
        </message>
        <message>
            <source>{cause} What has come is kept; it goes on from here.</source>
            <translation>{cause} Was da ist, bleibt; von hier geht es weiter.</translation>
        </message>
        <message>
            <source>{one} and {other}</source>
            <translation>{one} und {other}</translation>
        </message>
        <message>
            <source>{one}, {other} and more</source>
            <translation>{one}, {other} und mehr</translation>
        </message>
    </context>
    <context>
        <name>FormFoot</name>
        <message>
            <source>1 field to fix: {field}</source>
            <translation>1 Feld zu korrigieren: {field}</translation>
        </message>
        <message>
            <source>Saved</source>
            <translation>Gespeichert</translation>
        </message>
        <message>
            <source>Saved on this computer at {time}</source>
            <translation>Auf diesem Computer gespeichert um {time}</translation>
        </message>
        <message>
            <source>{n} fields to fix</source>
            <translation>{n} Felder zu korrigieren</translation>
        </message>
    </context>
    <context>
        <name>FormPane</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Form</source>
            <translation>Formular</translation>
        </message>
        <message>
            <source>Locked now</source>
            <translation>Jetzt gesperrt</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Speichern</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
    </context>
    <context>
        <name>Forms</name>
        <message>
            <source>Choose a country</source>
            <translation>Land wählen</translation>
        </message>
    </context>
    <context>
        <name>FreshnessChip</name>
        <message>
            <source>First sync · {share} %</source>
            <translation>Erste Synchronisierung · {share} %</translation>
        </message>
        <message>
            <source>Live · as of {time}</source>
            <translation>Live · Stand {time}</translation>
        </message>
        <message>
            <source>Live · proven identical {time}</source>
            <translation>Live · als identisch geprüft {time}</translation>
        </message>
        <message>
            <source>Offline</source>
            <translation>Offline</translation>
        </message>
        <message>
            <source>Offline · as of {time}</source>
            <translation>Offline · Stand {time}</translation>
        </message>
    </context>
    <context>
        <name>GatewayChoices</name>
        <message>
            <source>Set by your organisation</source>
            <translation>Von Ihrer Organisation festgelegt</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>Anmelden</translation>
        </message>
        <message>
            <source>Sign in at {gateway}</source>
            <translation>Bei {gateway} anmelden</translation>
        </message>
    </context>
    <context>
        <name>GlanceSection</name>
        <message>
            <source>What you have here</source>
            <translation>Was Sie hier haben</translation>
        </message>
    </context>
    <context>
        <name>Gone</name>
        <message>
            <source>was {value}</source>
            <translation>vorher {value}</translation>
        </message>
    </context>
    <context>
        <name>GoneAnswer</name>
        <message>
            <source>A new {noun} with your values opens as a draft. Nothing is sent until you submit it.</source>
            <translation>Mit Ihren Werten öffnet sich ein neuer Entwurf ({noun}). Nichts wird gesendet, bevor Sie ihn einreichen.</translation>
        </message>
        <message>
            <source>Discard my change</source>
            <translation>Meine Änderung verwerfen</translation>
        </message>
        <message>
            <source>Keep as draft</source>
            <translation>Als Entwurf behalten</translation>
        </message>
        <message>
            <source>Keep it as a new draft</source>
            <translation>Als neuen Entwurf behalten</translation>
        </message>
        <message>
            <source>Let it go</source>
            <translation>Gehen lassen</translation>
        </message>
        <message>
            <source>The {noun} goes from this computer as well. The activity list keeps that it happened.</source>
            <translation>{noun}: Das geht auch von diesem Computer. Im Verlauf bleibt, dass es geschah.</translation>
        </message>
        <message>
            <source>What you entered</source>
            <translation>Was Sie eingegeben haben</translation>
        </message>
        <message>
            <source>Written {when}. It is kept here, encrypted, until you decide.</source>
            <translation>Geschrieben {when}. Es bleibt hier, verschlüsselt, bis Sie entscheiden.</translation>
        </message>
    </context>
    <context>
        <name>Handle</name>
        <message>
            <source>Divider between the panes</source>
            <translation>Teiler zwischen den Bereichen</translation>
        </message>
    </context>
    <context>
        <name>HeadRow</name>
        <message>
            <source>Switch to another vendor, or add one</source>
            <translation>Zu einem anderen Anbieter wechseln oder einen hinzufügen</translation>
        </message>
    </context>
    <context>
        <name>HeadView</name>
        <message>
            <source>Columns</source>
            <translation>Spalten</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>Call for help</source>
            <translation>Hilfe rufen</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
    </context>
    <context>
        <name>HelpPanel</name>
        <message>
            <source>All topics</source>
            <translation>Alle Themen</translation>
        </message>
        <message>
            <source>Close help</source>
            <translation>Hilfe schließen</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Nothing found. Try fewer letters.</source>
            <translation>Nichts gefunden. Versuchen Sie es mit weniger Buchstaben.</translation>
        </message>
        <message>
            <source>Search the help</source>
            <translation>Hilfe durchsuchen</translation>
        </message>
        <message>
            <source>Show me</source>
            <translation>Zeigen</translation>
        </message>
        <message>
            <source>Topics</source>
            <translation>Themen</translation>
        </message>
    </context>
    <context>
        <name>HomePage</name>
        <message>
            <source>Home</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>Marked as seen</source>
            <translation>Als gesehen markiert</translation>
        </message>
        <message>
            <source>No {things} here yet</source>
            <translation>Noch nichts hier unter {things}</translation>
        </message>
        <message>
            <source>Search everything</source>
            <translation>Alles durchsuchen</translation>
        </message>
    </context>
    <context>
        <name>IdleBar</name>
        <message>
            <source>Locks in {seconds} s. Move the pointer or press a key to stay.</source>
            <translation>Sperrt in {seconds} s. Zum Bleiben den Zeiger bewegen oder eine Taste drücken.</translation>
        </message>
        <message>
            <source>Stay</source>
            <translation>Bleiben</translation>
        </message>
    </context>
    <context>
        <name>InviteDialog</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation>E-Mail</translation>
        </message>
        <message>
            <source>Invite a colleague</source>
            <translation>Kollegen einladen</translation>
        </message>
        <message>
            <source>It decides what they see and may do. You can change it later.</source>
            <translation>Sie entscheidet, was die Person sieht und darf. Sie können sie später ändern.</translation>
        </message>
        <message>
            <source>Make the link</source>
            <translation>Link erstellen</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>One moment: the gateway makes the link.</source>
            <translation>Einen Moment: Das Gateway erstellt den Link.</translation>
        </message>
        <message>
            <source>Role</source>
            <translation>Rolle</translation>
        </message>
        <message>
            <source>They get a link that works once. With it they choose a password and work for {company}.</source>
            <translation>Die Person bekommt einen Link, der einmal gilt. Damit wählt sie ein Passwort und arbeitet für {company}.</translation>
        </message>
    </context>
    <context>
        <name>InvoicesPart</name>
        <message>
            <source>All {count}</source>
            <translation>Alle {count}</translation>
        </message>
    </context>
    <context>
        <name>Journey</name>
        <message>
            <source>No steps</source>
            <translation>Keine Schritte</translation>
        </message>
        <message>
            <source>done</source>
            <translation>erledigt</translation>
        </message>
        <message>
            <source>ended</source>
            <translation>beendet</translation>
        </message>
        <message>
            <source>now</source>
            <translation>jetzt</translation>
        </message>
        <message>
            <source>to come</source>
            <translation>folgt</translation>
        </message>
    </context>
    <context>
        <name>KeepCard</name>
        <message>
            <source>Choose files</source>
            <translation>Dateien auswählen</translation>
        </message>
        <message>
            <source>Documents are kept offline</source>
            <translation>Dokumente bleiben offline verfügbar</translation>
        </message>
        <message>
            <source>Keep documents offline too?</source>
            <translation>Auch Dokumente offline behalten?</translation>
        </message>
        <message>
            <source>Keep these</source>
            <translation>Diese behalten</translation>
        </message>
        <message>
            <source>Price lists, data sheets and agreements: {count} files, {size}. Others open when you are online.</source>
            <translation>Preislisten, Datenblätter und Verträge: {count} Dateien, {size}. Andere öffnen sich, wenn Sie online sind.</translation>
        </message>
        <message>
            <source>{count} files, {size}. They come in after the records; each can be let go again.</source>
            <translation>{count} Dateien, {size}. Sie kommen nach den Datensätzen; jede lässt sich wieder freigeben.</translation>
        </message>
    </context>
    <context>
        <name>KeeperSection</name>
        <message>
            <source>At {vendor}</source>
            <translation>Bei {vendor}</translation>
        </message>
        <message>
            <source>looks after your company</source>
            <translation>betreut Ihre Firma</translation>
        </message>
    </context>
    <context>
        <name>KeySheet</name>
        <message>
            <source>All keys</source>
            <translation>Alle Tasten</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
    </context>
    <context>
        <name>Kiosk</name>
        <message>
            <source>Everything of this account was deleted here, as the vendor ordered.</source>
            <translation>Alles von diesem Konto wurde hier gelöscht, wie der Anbieter es angeordnet hat.</translation>
        </message>
    </context>
    <context>
        <name>KioskBar</name>
        <message>
            <source>Lock</source>
            <translation>Sperren</translation>
        </message>
        <message>
            <source>Locks in {seconds} s – touch to stay</source>
            <translation>Sperrt in {seconds} s – zum Bleiben berühren</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Signs you out in {seconds} s – touch to stay</source>
            <translation>Meldet ab in {seconds} s – zum Bleiben berühren</translation>
        </message>
        <message>
            <source>Stay</source>
            <translation>Bleiben</translation>
        </message>
        <message>
            <source>{name} is signed in here</source>
            <translation>{name} ist hier angemeldet</translation>
        </message>
    </context>
    <context>
        <name>LeaveDialog</name>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Sign out?</source>
            <translation>Abmelden?</translation>
        </message>
        <message>
            <source>Stay signed in</source>
            <translation>Angemeldet bleiben</translation>
        </message>
    </context>
    <context>
        <name>Leftover</name>
        <message>
            <source>Copied</source>
            <translation>Kopiert</translation>
        </message>
        <message>
            <source>Copy what you typed</source>
            <translation>Eingegebenes kopieren</translation>
        </message>
        <message>
            <source>Discard it</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Discarded</source>
            <translation>Verworfen</translation>
        </message>
        <message>
            <source>There is nothing left to copy.</source>
            <translation>Es gibt nichts mehr zu kopieren.</translation>
        </message>
        <message>
            <source>This is no longer shared with you.</source>
            <translation>Das ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>What you typed and had not sent is kept here, encrypted.</source>
            <translation>Was Sie eingegeben und nicht gesendet hatten, bleibt hier, verschlüsselt.</translation>
        </message>
    </context>
    <context>
        <name>LicenceWindow</name>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Licence of</source>
            <translation>Lizenz von</translation>
        </message>
        <message>
            <source>Licence text</source>
            <translation>Lizenztext</translation>
        </message>
        <message>
            <source>Licences</source>
            <translation>Lizenzen</translation>
        </message>
    </context>
    <context>
        <name>LineRow</name>
        <message>
            <source>{count} pieces</source>
            <translation>{count} Stück</translation>
        </message>
        <message>
            <source>{count} shipped</source>
            <translation>{count} versandt</translation>
        </message>
        <message>
            <source>{count} to come</source>
            <translation>{count} folgen</translation>
        </message>
        <message>
            <source>{shipped} of {count} shipped</source>
            <translation>{shipped} von {count} versandt</translation>
        </message>
    </context>
    <context>
        <name>LinesPart</name>
        <message>
            <source>Lines</source>
            <translation>Positionen</translation>
        </message>
        <message>
            <source>Lines · {count}</source>
            <translation>Positionen · {count}</translation>
        </message>
        <message>
            <source>Lines · {count} of {all} shipped</source>
            <translation>Positionen · {count} von {all} versandt</translation>
        </message>
    </context>
    <context>
        <name>LinkDialog</name>
        <message>
            <source>A link for {name}</source>
            <translation>Ein Link für {name}</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>Kopiert</translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation>Link kopieren</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Hand it to {name} alone: whoever opens it first gets in. It is shown only now and works once, until {until}. If it is lost, make a new one.</source>
            <translation>Geben Sie ihn nur {name}: Wer ihn zuerst öffnet, kommt hinein. Er wird nur jetzt gezeigt und gilt einmal, bis {until}. Geht er verloren, erstellen Sie einen neuen.</translation>
        </message>
        <message>
            <source>Link</source>
            <translation>Verweis</translation>
        </message>
        <message>
            <source>No mail program opened. Copy the link and send it in your own way.</source>
            <translation>Es ging kein E-Mail-Programm auf. Kopieren Sie den Link und senden Sie ihn auf Ihrem Weg.</translation>
        </message>
        <message>
            <source>Open in mail program</source>
            <translation>Im E-Mail-Programm öffnen</translation>
        </message>
        <message>
            <source>Shown only now.</source>
            <translation>Nur jetzt gezeigt.</translation>
        </message>
    </context>
    <context>
        <name>ListColumns</name>
        <message>
            <source>Back to the portal's columns</source>
            <translation>Zurück zu den Spalten des Portals</translation>
        </message>
        <message>
            <source>Choose columns</source>
            <translation>Spalten wählen</translation>
        </message>
        <message>
            <source>Choose columns…</source>
            <translation>Spalten wählen…</translation>
        </message>
        <message>
            <source>Hide {column}</source>
            <translation>{column} ausblenden</translation>
        </message>
        <message>
            <source>It is at the end.</source>
            <translation>Sie steht schon am Rand.</translation>
        </message>
        <message>
            <source>Move {column} back</source>
            <translation>{column} zurück</translation>
        </message>
        <message>
            <source>Move {column} on</source>
            <translation>{column} weiter</translation>
        </message>
        <message>
            <source>One column always stays.</source>
            <translation>Eine Spalte bleibt immer.</translation>
        </message>
        <message>
            <source>These are the portal's columns.</source>
            <translation>Das sind die Spalten des Portals.</translation>
        </message>
    </context>
    <context>
        <name>ListExport</name>
        <message>
            <source>Copied {done} of {total}</source>
            <translation>{done} von {total} kopiert</translation>
        </message>
        <message>
            <source>Copying stopped. The clipboard is as it was.</source>
            <translation>Kopieren angehalten. Die Zwischenablage ist, wie sie war.</translation>
        </message>
        <message>
            <source>Export as CSV…</source>
            <translation>Als CSV exportieren…</translation>
        </message>
        <message>
            <source>Export as PDF…</source>
            <translation>Als PDF exportieren…</translation>
        </message>
        <message>
            <source>Export stopped. Nothing was written.</source>
            <translation>Export angehalten. Nichts wurde geschrieben.</translation>
        </message>
        <message>
            <source>Export the list to Excel</source>
            <translation>Liste nach Excel exportieren</translation>
        </message>
        <message>
            <source>Export to Excel…</source>
            <translation>Nach Excel exportieren…</translation>
        </message>
        <message>
            <source>Exported {done} of {total}</source>
            <translation>{done} von {total} exportiert</translation>
        </message>
        <message>
            <source>One list is on its way already.</source>
            <translation>Eine Liste ist schon unterwegs.</translation>
        </message>
        <message>
            <source>Page {number} of {total}</source>
            <translation>Seite {number} von {total}</translation>
        </message>
        <message>
            <source>Print the list</source>
            <translation>Liste drucken</translation>
        </message>
        <message>
            <source>Printed {done} of {total}</source>
            <translation>{done} von {total} gedruckt</translation>
        </message>
        <message>
            <source>Printing stopped.</source>
            <translation>Drucken angehalten.</translation>
        </message>
        <message>
            <source>Print…</source>
            <translation>Drucken…</translation>
        </message>
        <message>
            <source>{what} copied as a table</source>
            <translation>{what} als Tabelle kopiert</translation>
        </message>
        <message>
            <source>{what} saved as {name} in {folder}</source>
            <translation>{what} gespeichert als {name} in {folder}</translation>
        </message>
        <message>
            <source>{what} sent to the printer</source>
            <translation>{what} an den Drucker gesendet</translation>
        </message>
        <message>
            <source>{what} · {vendor} · {when}</source>
            <translation>{what} · {vendor} · {when}</translation>
        </message>
    </context>
    <context>
        <name>ListFilters</name>
        <message>
            <source>Change filter…</source>
            <translation>Filter ändern…</translation>
        </message>
        <message>
            <source>Delete filter</source>
            <translation>Filter löschen</translation>
        </message>
        <message>
            <source>Filter</source>
            <translation>Filter</translation>
        </message>
        <message>
            <source>Filter “{name}” deleted</source>
            <translation>Filter „{name}“ gelöscht</translation>
        </message>
        <message>
            <source>Filter “{name}” saved</source>
            <translation>Filter „{name}“ gespeichert</translation>
        </message>
        <message>
            <source>Rename filter…</source>
            <translation>Filter umbenennen…</translation>
        </message>
    </context>
    <context>
        <name>ListFoot</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Clear</source>
            <translation>Aufheben</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <source>Copy as a table</source>
            <translation>Als Tabelle kopieren</translation>
        </message>
        <message>
            <source>Copy the list</source>
            <translation>Liste kopieren</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Export</translation>
        </message>
        <message>
            <source>Export, print, copy</source>
            <translation>Exportieren, drucken, kopieren</translation>
        </message>
        <message>
            <source>Export…</source>
            <translation>Exportieren…</translation>
        </message>
        <message>
            <source>More to do with them</source>
            <translation>Mehr damit tun</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
        <message>
            <source>{verb} {fits} of {all}</source>
            <translation>{verb}: {fits} von {all}</translation>
        </message>
    </context>
    <context>
        <name>ListPage</name>
        <message>
            <source>No {what} matches “{text}”</source>
            <translation>{what}: nichts passt zu „{text}“</translation>
        </message>
        <message>
            <source>Nothing here now</source>
            <translation>Jetzt ist nichts hier</translation>
        </message>
        <message>
            <source>Search {what}</source>
            <translation>{what} durchsuchen</translation>
        </message>
        <message>
            <source>Search {what} and their notes</source>
            <translation>{what} und Notizen suchen</translation>
        </message>
        <message>
            <source>Show all</source>
            <translation>Alle zeigen</translation>
        </message>
    </context>
    <context>
        <name>ListStack</name>
        <message>
            <source>Show as</source>
            <translation>Zeigen als</translation>
        </message>
        <message>
            <source>Table</source>
            <translation>Tabelle</translation>
        </message>
    </context>
    <context>
        <name>ListTools</name>
        <message>
            <source>Copy the list as a table</source>
            <translation>Liste als Tabelle kopieren</translation>
        </message>
        <message>
            <source>Filter, copy</source>
            <translation>Filtern, kopieren</translation>
        </message>
        <message>
            <source>Filter, export, print, copy</source>
            <translation>Filtern, exportieren, drucken, kopieren</translation>
        </message>
        <message>
            <source>Filter…</source>
            <translation>Filtern…</translation>
        </message>
        <message>
            <source>Select all</source>
            <translation>Alle auswählen</translation>
        </message>
    </context>
    <context>
        <name>LockedStep</name>
        <message>
            <source>Other accounts</source>
            <translation>Andere Konten</translation>
        </message>
        <message>
            <source>Unlock</source>
            <translation>Entsperren</translation>
        </message>
    </context>
    <context>
        <name>LockedTray</name>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Unlock …</source>
            <translation>Entsperren …</translation>
        </message>
        <message>
            <source>locked</source>
            <translation>gesperrt</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>This is not on this computer any more.</source>
            <translation>Das ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>This is not shared with you.</source>
            <translation>Das ist nicht für Sie freigegeben.</translation>
        </message>
    </context>
    <context>
        <name>Mark</name>
        <message>
            <source>Conflict</source>
            <translation>Konflikt</translation>
        </message>
        <message>
            <source>Quarantined</source>
            <translation>Zurückgehalten</translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation>Abgelehnt</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Wird gesendet</translation>
        </message>
        <message>
            <source>Synced</source>
            <translation>Synchron</translation>
        </message>
        <message>
            <source>Waiting to send</source>
            <translation>Wartet aufs Senden</translation>
        </message>
    </context>
    <context>
        <name>Marking</name>
        <message>
            <source>Each of them is sent to {vendor}; until then you can take them back together.</source>
            <translation>Alles davon geht an {vendor}; bis dahin können Sie es gemeinsam zurückholen.</translation>
        </message>
        <message>
            <source>Keep them</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Not now</source>
            <translation>Jetzt nicht</translation>
        </message>
        <message>
            <source>Nothing changed</source>
            <translation>Nichts geändert</translation>
        </message>
        <message>
            <source>Once {vendor} has them, this cannot be taken back here.</source>
            <translation>Sobald {vendor} sie hat, lässt sich das hier nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>They are on their way already and can no longer be taken back.</source>
            <translation>Sie sind bereits unterwegs und lassen sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>{count} selected</source>
            <translation>{count} ausgewählt</translation>
        </message>
        <message>
            <source>{done} of {total} entered</source>
            <translation>{done} von {total} eingegeben</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>{done}: {what}</source>
            <translation>{done}: {what}</translation>
        </message>
        <message>
            <source>{said}. Not the others: {problem}</source>
            <translation>{said}. Die anderen nicht: {problem}</translation>
        </message>
        <message>
            <source>{taken} taken back; {late} on their way already.</source>
            <translation>{taken} zurückgeholt; {late} bereits unterwegs.</translation>
        </message>
        <message>
            <source>{verb} {what}?</source>
            <translation>{what}: {verb}?</translation>
        </message>
    </context>
    <context>
        <name>MessageBubble</name>
        <message>
            <source>Cancel message</source>
            <translation>Nachricht zurückziehen</translation>
        </message>
        <message>
            <source>Copy text</source>
            <translation>Text kopieren</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>Saved here. Sent when you are back.</source>
            <translation>Hier gespeichert. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>MoneyControl</name>
        <message>
            <source>Not an amount. Write figures only, such as {sample}.</source>
            <translation>Kein Betrag. Schreiben Sie nur Ziffern, etwa {sample}.</translation>
        </message>
        <message>
            <source>{field}, currency</source>
            <translation>{field}, Währung</translation>
        </message>
    </context>
    <context>
        <name>NavFilling</name>
        <message>
            <source>{count} companies</source>
            <translation>{count} Firmen</translation>
        </message>
    </context>
    <context>
        <name>NavList</name>
        <message>
            <source>Pinned</source>
            <translation>Angeheftet</translation>
        </message>
        <message>
            <source>Places</source>
            <translation>Orte</translation>
        </message>
    </context>
    <context>
        <name>NeedsSection</name>
        <message>
            <source>All jobs</source>
            <translation>Alle Aufgaben</translation>
        </message>
        <message>
            <source>Fewer</source>
            <translation>Weniger</translation>
        </message>
        <message>
            <source>Needs you</source>
            <translation>Braucht Sie</translation>
        </message>
        <message>
            <source>Nothing needs you now.</source>
            <translation>Nichts braucht Sie gerade.</translation>
        </message>
        <message>
            <source>Questions, conflicts, offers and dates that need an answer stand here.</source>
            <translation>Fragen, Konflikte, Angebote und Termine, die eine Antwort brauchen, stehen hier.</translation>
        </message>
    </context>
    <context>
        <name>NumberControl</name>
        <message>
            <source>Not a number. Write figures only, such as {sample}.</source>
            <translation>Keine Zahl. Schreiben Sie nur Ziffern, etwa {sample}.</translation>
        </message>
        <message>
            <source>Write a whole number.</source>
            <translation>Geben Sie eine ganze Zahl ein.</translation>
        </message>
    </context>
    <context>
        <name>Opening</name>
        <message>
            <source>This file is no longer shared with you.</source>
            <translation>Diese Datei ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This file opens once it is in the outbox.</source>
            <translation>Diese Datei öffnet sich, sobald sie im Postausgang ist.</translation>
        </message>
    </context>
    <context>
        <name>OrderedPart</name>
        <message>
            <source>Ordered as</source>
            <translation>Bestellt als</translation>
        </message>
    </context>
    <context>
        <name>OrganisationSection</name>
        <message>
            <source>Set by your organisation</source>
            <translation>Von Ihrer Organisation festgelegt</translation>
        </message>
        <message>
            <source>Set by {source}</source>
            <translation>Festgelegt durch: {source}</translation>
        </message>
        <message>
            <source>What has a lock cannot be changed here; your IT department can.</source>
            <translation>Was ein Schloss trägt, lässt sich hier nicht ändern; die IT-Abteilung kann es.</translation>
        </message>
        <message>
            <source>Your organisation</source>
            <translation>Ihre Organisation</translation>
        </message>
    </context>
    <context>
        <name>OriginNotice</name>
        <message>
            <source>Copied from a record that is not on this computer any more</source>
            <translation>Kopiert aus einem Datensatz, der nicht mehr auf diesem Computer ist</translation>
        </message>
        <message>
            <source>From {what} {source}</source>
            <translation>Aus {what} {source}</translation>
        </message>
        <message>
            <source>Once {vendor} has the {new}, the {old} is {state}.</source>
            <translation>Sobald {vendor} das Neue hat ({new}), gilt für {old}: {state}.</translation>
        </message>
        <message>
            <source>Open the {what}</source>
            <translation>{what} öffnen</translation>
        </message>
        <message>
            <source>What is copied is marked. Change what is different now.</source>
            <translation>Kopiertes ist markiert. Ändern Sie, was jetzt anders ist.</translation>
        </message>
    </context>
    <context>
        <name>OutboxSection</name>
        <message>
            <source>Everything is sent.</source>
            <translation>Alles ist gesendet.</translation>
        </message>
        <message>
            <source>Export all</source>
            <translation>Alles exportieren</translation>
        </message>
        <message>
            <source>Nothing is in the outbox.</source>
            <translation>Im Postausgang ist nichts.</translation>
        </message>
        <message>
            <source>Nothing waits to be sent.</source>
            <translation>Nichts wartet aufs Senden.</translation>
        </message>
        <message>
            <source>Outbox</source>
            <translation>Postausgang</translation>
        </message>
        <message>
            <source>Retry now</source>
            <translation>Jetzt versuchen</translation>
        </message>
        <message>
            <source>What you enter waits here until it has reached {vendor}.</source>
            <translation>Was Sie eingeben, wartet hier, bis es {vendor} erreicht hat.</translation>
        </message>
        <message>
            <source>You are offline. It is sent when you are back.</source>
            <translation>Sie sind offline. Es wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>OverDialog</name>
        <message>
            <source>Later</source>
            <translation>Später</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Sign out, then sign in again with your phone. {kept}</source>
            <translation>Abmelden, dann mit dem Telefon wieder anmelden. {kept}</translation>
        </message>
        <message>
            <source>Your time at this screen is over</source>
            <translation>Die Zeit an diesem Bildschirm ist um</translation>
        </message>
    </context>
    <context>
        <name>Overlays</name>
        <message>
            <source>Check this computer</source>
            <translation>Diesen Computer prüfen</translation>
        </message>
        <message>
            <source>Everywhere</source>
            <translation>Überall</translation>
        </message>
    </context>
    <context>
        <name>PagesView</name>
        <message>
            <source>This page cannot be drawn.</source>
            <translation>Diese Seite lässt sich nicht darstellen.</translation>
        </message>
        <message>
            <source>{title}, page {page} of {count}</source>
            <translation>{title}, Seite {page} von {count}</translation>
        </message>
    </context>
    <context>
        <name>Palette</name>
        <message>
            <source>Copy link</source>
            <translation>Link kopieren</translation>
        </message>
        <message>
            <source>Do</source>
            <translation>Tun</translation>
        </message>
        <message>
            <source>Go to</source>
            <translation>Gehen zu</translation>
        </message>
        <message>
            <source>Link copied. It opens this where Counterpart is installed.</source>
            <translation>Link kopiert. Er öffnet das überall, wo Counterpart installiert ist.</translation>
        </message>
        <message>
            <source>Nothing found there. Open it to look around.</source>
            <translation>Dort nichts gefunden. Öffnen Sie das Konto, um sich umzusehen.</translation>
        </message>
        <message>
            <source>On this page</source>
            <translation>Auf dieser Seite</translation>
        </message>
        <message>
            <source>Other vendors</source>
            <translation>Andere Anbieter</translation>
        </message>
        <message>
            <source>Pinned and recent</source>
            <translation>Angeheftet und zuletzt</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>Datensätze</translation>
        </message>
        <message>
            <source>Search all vendors for “{text}”</source>
            <translation>„{text}“ bei allen Anbietern suchen</translation>
        </message>
        <message>
            <source>account details contacts address membership</source>
            <translation>Konto Angaben Kontakte Adresse Mitgliedschaft</translation>
        </message>
        <message>
            <source>appearance dark light sign out account devices</source>
            <translation>aussehen darstellung dunkel hell sprache abmelden konto geräte</translation>
        </message>
        <message>
            <source>outbox conflicts proof storage activity</source>
            <translation>postausgang konflikte nachweis speicher verlauf synchronisierung</translation>
        </message>
        <message>
            <source>people invite role link remove administrator</source>
            <translation>personen einladen rolle link entfernen administrator</translation>
        </message>
        <message>
            <source>share url</source>
            <translation>teilen adresse url</translation>
        </message>
        <message>
            <source>{count} in the outbox</source>
            <translation>{count} im Postausgang</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
    </context>
    <context>
        <name>PaletteOverlay</name>
        <message>
            <source>All vendors on this computer were asked. Nothing of it was written.</source>
            <translation>Alle Anbieter auf diesem Computer wurden gefragt. Nichts davon wurde geschrieben.</translation>
        </message>
        <message>
            <source>Command palette</source>
            <translation>Befehlspalette</translation>
        </message>
        <message>
            <source>Do, go to, or find</source>
            <translation>Tun, gehen oder finden</translation>
        </message>
        <message>
            <source>Nothing found. Try fewer letters.</source>
            <translation>Nichts gefunden. Versuchen Sie es mit weniger Buchstaben.</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Searching the other vendors…</source>
            <translation>Andere Anbieter werden durchsucht…</translation>
        </message>
        <message>
            <source>What was found</source>
            <translation>Gefunden</translation>
        </message>
        <message>
            <source>move</source>
            <translation>bewegen</translation>
        </message>
        <message>
            <source>run</source>
            <translation>ausführen</translation>
        </message>
    </context>
    <context>
        <name>PaperCard</name>
        <message>
            <source>Open again</source>
            <translation>Noch einmal öffnen</translation>
        </message>
        <message>
            <source>Open and read</source>
            <translation>Öffnen und lesen</translation>
        </message>
        <message>
            <source>Open it first: you sign what it says.</source>
            <translation>Öffnen Sie es zuerst: Sie unterschreiben, was darin steht.</translation>
        </message>
        <message>
            <source>What this is about.</source>
            <translation>Darum geht es.</translation>
        </message>
        <message>
            <source>You have opened this version.</source>
            <translation>Sie haben diese Version geöffnet.</translation>
        </message>
        <message>
            <source>{title}, version {version}</source>
            <translation>{title}, Version {version}</translation>
        </message>
    </context>
    <context>
        <name>PaperReader</name>
        <message>
            <source>Back to the task</source>
            <translation>Zurück zur Aufgabe</translation>
        </message>
    </context>
    <context>
        <name>PassphraseStep</name>
        <message>
            <source>A few words are easier to remember than a few signs.</source>
            <translation>Einige Wörter merken sich leichter als einige Zeichen.</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Needed.</source>
            <translation>Nötig.</translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation>Passphrase</translation>
        </message>
        <message>
            <source>The same again</source>
            <translation>Noch einmal dieselbe</translation>
        </message>
        <message>
            <source>Unlock</source>
            <translation>Entsperren</translation>
        </message>
        <message>
            <source>Use this passphrase</source>
            <translation>Diese Passphrase nutzen</translation>
        </message>
    </context>
    <context>
        <name>PeopleStrip</name>
        <message>
            <source>Locked here</source>
            <translation>Hier gesperrt</translation>
        </message>
    </context>
    <context>
        <name>PersonTile</name>
        <message>
            <source>Unlock {name}</source>
            <translation>{name} entsperren</translation>
        </message>
        <message>
            <source>{minutes} min left</source>
            <translation>noch {minutes} Min.</translation>
        </message>
    </context>
    <context>
        <name>PipelineSection</name>
        <message>
            <source> and </source>
            <translation> und </translation>
        </message>
        <message>
            <source>Closing this quarter</source>
            <translation>Abschluss in diesem Quartal</translation>
        </message>
        <message>
            <source>Open as table</source>
            <translation>Als Tabelle öffnen</translation>
        </message>
        <message>
            <source>Show as bars</source>
            <translation>Als Balken zeigen</translation>
        </message>
        <message>
            <source>Show figures as a table</source>
            <translation>Zahlen als Tabelle zeigen</translation>
        </message>
        <message>
            <source>none</source>
            <translation>keine</translation>
        </message>
        <message>
            <source>{count} lose protection within 30 days</source>
            <translation>{count} verlieren innerhalb von 30 Tagen den Schutz</translation>
        </message>
        <message>
            <source>{count} loses protection within 30 days</source>
            <translation>{count} verliert innerhalb von 30 Tagen den Schutz</translation>
        </message>
        <message>
            <source>{things} by stage</source>
            <translation>{things} nach Stufe</translation>
        </message>
    </context>
    <context>
        <name>Places</name>
        <message>
            <source>Colleagues</source>
            <translation>Kollegen</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>Next</source>
            <translation>Als Nächstes</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Bereit</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation>Sync-Zentrale</translation>
        </message>
        <message>
            <source>Your company</source>
            <translation>Ihre Firma</translation>
        </message>
    </context>
    <context>
        <name>PlainView</name>
        <message>
            <source>Only the beginning is shown; a saved copy has it all.</source>
            <translation>Nur der Anfang wird gezeigt; eine gespeicherte Kopie hat alles.</translation>
        </message>
        <message>
            <source>{name}. Only the beginning is shown; a saved copy has it all.</source>
            <translation>{name}. Nur der Anfang wird gezeigt; eine gespeicherte Kopie hat alles.</translation>
        </message>
    </context>
    <context>
        <name>Preview</name>
        <message>
            <source>Edited</source>
            <translation>Bearbeitet</translation>
        </message>
        <message>
            <source>Mine</source>
            <translation>Meiner</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Deren</translation>
        </message>
        <message>
            <source>What will be sent</source>
            <translation>Was gesendet wird</translation>
        </message>
    </context>
    <context>
        <name>PreviewCard</name>
        <message>
            <source>Not decided yet.</source>
            <translation>Noch nicht entschieden.</translation>
        </message>
        <message>
            <source>becomes</source>
            <translation>wird zu</translation>
        </message>
    </context>
    <context>
        <name>ProgressBar</name>
        <message>
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
    </context>
    <context>
        <name>ProjectPane</name>
        <message>
            <source>About this project</source>
            <translation>Über dieses Projekt</translation>
        </message>
        <message>
            <source>Budget</source>
            <translation>Budget</translation>
        </message>
        <message>
            <source>Choose one to read it here.</source>
            <translation>Wählen Sie etwas, um es hier zu lesen.</translation>
        </message>
        <message>
            <source>Milestones</source>
            <translation>Meilensteine</translation>
        </message>
        <message>
            <source>Other deliverables</source>
            <translation>Andere Lieferungen</translation>
        </message>
        <message>
            <source>Send the comment</source>
            <translation>Kommentar senden</translation>
        </message>
        <message>
            <source>This is no longer shared with you.</source>
            <translation>Das ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>Waits for you</source>
            <translation>Wartet auf Sie</translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation>Kommentar schreiben</translation>
        </message>
    </context>
    <context>
        <name>ProofRow</name>
        <message>
            <source>Bucket by bucket</source>
            <translation>Abschnitt für Abschnitt</translation>
        </message>
        <message>
            <source>Shows or hides what was compared, bucket by bucket.</source>
            <translation>Zeigt oder verbirgt, was verglichen wurde, Abschnitt für Abschnitt.</translation>
        </message>
    </context>
    <context>
        <name>ProofSection</name>
        <message>
            <source>Buckets</source>
            <translation>Abschnitte</translation>
        </message>
        <message>
            <source>Identical</source>
            <translation>Identisch</translation>
        </message>
        <message>
            <source>Identical, after a repair</source>
            <translation>Identisch, nach einer Reparatur</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>Art</translation>
        </message>
        <message>
            <source>Proof</source>
            <translation>Nachweis</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>Zahl</translation>
        </message>
        <message>
            <source>{kind}: not checked</source>
            <translation>{kind}: nicht geprüft</translation>
        </message>
        <message>
            <source>{kind}: {same} of {all} buckets identical</source>
            <translation>{kind}: {same} von {all} Abschnitten identisch</translation>
        </message>
    </context>
    <context>
        <name>Protection</name>
        <message>
            <source>Encrypted on this computer with a key held by {name} for your account.</source>
            <translation>Auf diesem Computer verschlüsselt, mit einem Schlüssel, den {name} für Ihr Konto verwahrt.</translation>
        </message>
        <message>
            <source>Encrypted on this computer.</source>
            <translation>Auf diesem Computer verschlüsselt.</translation>
        </message>
        <message>
            <source>Encrypted on this computer; the key comes with your sign-in and goes with you.</source>
            <translation>Auf diesem Computer verschlüsselt; der Schlüssel kommt mit Ihrer Anmeldung und geht mit Ihnen.</translation>
        </message>
        <message>
            <source>Encrypted on this computer; your passphrase opens the key.</source>
            <translation>Auf diesem Computer verschlüsselt; Ihre Passphrase öffnet den Schlüssel.</translation>
        </message>
    </context>
    <context>
        <name>QuantityStepper</name>
        <message>
            <source>At least {least}. To end it, let it lapse.</source>
            <translation>Mindestens {least}. Zum Beenden lassen Sie ihn auslaufen.</translation>
        </message>
        <message>
            <source>At most {most}.</source>
            <translation>Höchstens {most}.</translation>
        </message>
        <message>
            <source>It cannot be less. To end it, let it lapse.</source>
            <translation>Weniger geht nicht. Zum Beenden lassen Sie ihn auslaufen.</translation>
        </message>
        <message>
            <source>One less</source>
            <translation>Eins weniger</translation>
        </message>
        <message>
            <source>One more</source>
            <translation>Eins mehr</translation>
        </message>
    </context>
    <context>
        <name>QuotePart</name>
        <message>
            <source>For {count}</source>
            <translation>Für {count}</translation>
        </message>
        <message>
            <source>Not quoted yet</source>
            <translation>Noch nicht angeboten</translation>
        </message>
        <message>
            <source>Quote</source>
            <translation>Angebot</translation>
        </message>
        <message>
            <source>The quote ended {day}. {vendor} may send a new one.</source>
            <translation>Das Angebot endete {day}. {vendor} kann ein neues senden.</translation>
        </message>
        <message>
            <source>Valid until {day} · {left} left</source>
            <translation>Gültig bis {day} · noch {left}</translation>
        </message>
        <message>
            <source>Wanted</source>
            <translation>Gewünscht</translation>
        </message>
        <message>
            <source>Your answer</source>
            <translation>Ihre Antwort</translation>
        </message>
        <message>
            <source>{count} × {each}</source>
            <translation>{count} × {each}</translation>
        </message>
        <message>
            <source>{count} × {each}, with discount</source>
            <translation>{count} × {each}, mit Rabatt</translation>
        </message>
    </context>
    <context>
        <name>ReachChip</name>
        <message>
            <source>Live · as of {time}</source>
            <translation>Live · Stand {time}</translation>
        </message>
        <message>
            <source>Offline</source>
            <translation>Offline</translation>
        </message>
        <message>
            <source>Offline · as of {time}</source>
            <translation>Offline · Stand {time}</translation>
        </message>
    </context>
    <context>
        <name>ReaderHead</name>
        <message>
            <source>Back to the list</source>
            <translation>Zurück zur Liste</translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation>Link kopieren</translation>
        </message>
        <message>
            <source>Copy number</source>
            <translation>Nummer kopieren</translation>
        </message>
        <message>
            <source>Decide today</source>
            <translation>Heute entscheiden</translation>
        </message>
        <message>
            <source>More</source>
            <translation>Mehr</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>Anheften</translation>
        </message>
        <message>
            <source>Print…</source>
            <translation>Drucken…</translation>
        </message>
        <message>
            <source>Save as PDF…</source>
            <translation>Als PDF speichern…</translation>
        </message>
        <message>
            <source>Unpin</source>
            <translation>Lösen</translation>
        </message>
        <message>
            <source>Version {version}</source>
            <translation>Version {version}</translation>
        </message>
        <message>
            <source>Was to be decided by now</source>
            <translation>Hätte schon entschieden sein sollen</translation>
        </message>
        <message>
            <source>asked by {name}</source>
            <translation>gefragt von {name}</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>noch {time}</translation>
        </message>
        <message>
            <source>{time} left to decide</source>
            <translation>noch {time} zum Entscheiden</translation>
        </message>
    </context>
    <context>
        <name>ReaderPage</name>
        <message>
            <source>Back to the list</source>
            <translation>Zurück zur Liste</translation>
        </message>
        <message>
            <source>Pin, or let go</source>
            <translation>Anheften oder lösen</translation>
        </message>
    </context>
    <context>
        <name>ReaderPane</name>
        <message>
            <source>Back to the list</source>
            <translation>Zurück zur Liste</translation>
        </message>
        <message>
            <source>Checked</source>
            <translation>Geprüft</translation>
        </message>
        <message>
            <source>It is kept once it has come</source>
            <translation>Es bleibt, sobald es da ist</translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>It opens once it is on this computer.</source>
            <translation>Es öffnet sich, sobald es auf diesem Computer ist.</translation>
        </message>
        <message>
            <source>Keep it on this computer</source>
            <translation>Auf diesem Computer behalten</translation>
        </message>
        <message>
            <source>Keep offline</source>
            <translation>Offline behalten</translation>
        </message>
        <message>
            <source>Kept offline</source>
            <translation>Offline fest</translation>
        </message>
        <message>
            <source>Kept offline once it has come</source>
            <translation>Offline verfügbar, sobald es da ist</translation>
        </message>
        <message>
            <source>Let it go when space is needed</source>
            <translation>Freigeben, wenn Platz gebraucht wird</translation>
        </message>
        <message>
            <source>No longer kept. The copy goes when space is needed.</source>
            <translation>Nicht mehr behalten. Die Kopie geht, wenn Platz gebraucht wird.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Pulled when you are back</source>
            <translation>Wird geladen, wenn Sie wieder online sind</translation>
        </message>
        <message>
            <source>There is no file to keep yet.</source>
            <translation>Es gibt noch keine Datei zum Behalten.</translation>
        </message>
        <message>
            <source>There is no file to open yet.</source>
            <translation>Es gibt noch keine Datei zum Öffnen.</translation>
        </message>
        <message>
            <source>This copy is {vendor}’s file, byte for byte</source>
            <translation>Diese Kopie ist die Datei von {vendor}, Byte für Byte</translation>
        </message>
        <message>
            <source>Will be kept</source>
            <translation>Wird behalten</translation>
        </message>
        <message>
            <source>published {when}</source>
            <translation>veröffentlicht: {when}</translation>
        </message>
        <message>
            <source>replaces {what}</source>
            <translation>ersetzt {what}</translation>
        </message>
        <message>
            <source>valid until {day}</source>
            <translation>gültig bis {day}</translation>
        </message>
        <message>
            <source>was valid until {day}</source>
            <translation>war gültig bis {day}</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>ReadingPane</name>
        <message>
            <source>About this record</source>
            <translation>Über diesen Datensatz</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>Zeitverlauf</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Sie</translation>
        </message>
    </context>
    <context>
        <name>ReceiptPane</name>
        <message>
            <source>Accept this key</source>
            <translation>Diesen Schlüssel annehmen</translation>
        </message>
        <message>
            <source>Anybody can check the exported file, without an account: counterpart receipt verify FILE</source>
            <translation>Jeder kann die exportierte Datei ohne Konto prüfen: counterpart receipt verify FILE</translation>
        </message>
        <message>
            <source>Back to the record</source>
            <translation>Zurück zum Datensatz</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}</source>
            <translation>Exportiert als {name} in {folder}</translation>
        </message>
        <message>
            <source>Fetching it</source>
            <translation>Wird geholt</translation>
        </message>
        <message>
            <source>It can be exported once it is on this computer.</source>
            <translation>Er lässt sich exportieren, sobald er auf diesem Computer ist.</translation>
        </message>
        <message>
            <source>Its signature is checked as it comes in.</source>
            <translation>Seine Signatur wird beim Eintreffen geprüft.</translation>
        </message>
        <message>
            <source>Not taken</source>
            <translation>Nicht angenommen</translation>
        </message>
        <message>
            <source>Receipt</source>
            <translation>Beleg</translation>
        </message>
        <message>
            <source>Receipt {name}</source>
            <translation>Beleg {name}</translation>
        </message>
        <message>
            <source>Signed with another key</source>
            <translation>Mit einem anderen Schlüssel signiert</translation>
        </message>
        <message>
            <source>The receipt is kept in Counterpart.</source>
            <translation>Der Beleg bleibt in Counterpart.</translation>
        </message>
    </context>
    <context>
        <name>RecordPaper</name>
        <message>
            <source>Comments</source>
            <translation>Kommentare</translation>
        </message>
        <message>
            <source>From {vendor}'s portal, as this computer had it on {when}.</source>
            <translation>Aus dem Portal von {vendor}, wie dieser Computer es am {when} hatte.</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>Zeitverlauf</translation>
        </message>
    </context>
    <context>
        <name>RecordPrint</name>
        <message>
            <source>Saved as {name} in {folder}</source>
            <translation>Gespeichert als {name} in {folder}</translation>
        </message>
        <message>
            <source>“{title}” sent to the printer</source>
            <translation>„{title}“ an den Drucker gesendet</translation>
        </message>
    </context>
    <context>
        <name>RecordsPage</name>
        <message>
            <source>Close the form, or let go of what is selected</source>
            <translation>Formular schließen, oder die Auswahl aufheben</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>Pin, or let go</source>
            <translation>Anheften oder lösen</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Speichern</translation>
        </message>
        <message>
            <source>Save, or send the comment</source>
            <translation>Speichern, oder den Kommentar senden</translation>
        </message>
        <message>
            <source>Send the comment</source>
            <translation>Kommentar senden</translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation>Kommentar schreiben</translation>
        </message>
    </context>
    <context>
        <name>ReferenceChip</name>
        <message>
            <source>Remove {name}</source>
            <translation>{name} entfernen</translation>
        </message>
    </context>
    <context>
        <name>ReferenceControl</name>
        <message>
            <source>Opens a list</source>
            <translation>Öffnet eine Liste</translation>
        </message>
        <message>
            <source>Pick one from the list, or leave it empty.</source>
            <translation>Wählen Sie aus der Liste, oder lassen Sie es leer.</translation>
        </message>
        <message>
            <source>Records found</source>
            <translation>Gefundene Datensätze</translation>
        </message>
        <message>
            <source>Type to find one</source>
            <translation>Tippen, um zu suchen</translation>
        </message>
    </context>
    <context>
        <name>ReferencesControl</name>
        <message>
            <source>Somebody who is not on this computer</source>
            <translation>Jemand, der nicht auf diesem Computer ist</translation>
        </message>
        <message>
            <source>Type a name to add somebody</source>
            <translation>Namen eingeben, um jemanden hinzuzufügen</translation>
        </message>
    </context>
    <context>
        <name>RegisterPage</name>
        <message>
            <source>1 field to fill in</source>
            <translation>1 Feld auszufüllen</translation>
        </message>
        <message>
            <source>1 field to fix</source>
            <translation>1 Feld zu korrigieren</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 Datei</translation>
        </message>
        <message>
            <source>Complete</source>
            <translation>Vollständig</translation>
        </message>
        <message>
            <source>Form</source>
            <translation>Formular</translation>
        </message>
        <message>
            <source>Review and submit</source>
            <translation>Einreichen</translation>
        </message>
        <message>
            <source>Save draft and close</source>
            <translation>Entwurf speichern und schließen</translation>
        </message>
        <message>
            <source>Submit</source>
            <translation>Einreichen</translation>
        </message>
        <message>
            <source>Submit (waits to send)</source>
            <translation>Einreichen (wartet aufs Senden)</translation>
        </message>
        <message>
            <source>{n} fields to fill in</source>
            <translation>{n} Felder auszufüllen</translation>
        </message>
        <message>
            <source>{n} fields to fix</source>
            <translation>{n} Felder zu korrigieren</translation>
        </message>
        <message>
            <source>{n} files</source>
            <translation>{n} Dateien</translation>
        </message>
    </context>
    <context>
        <name>RelatedSection</name>
        <message>
            <source>All {count}</source>
            <translation>Alle {count}</translation>
        </message>
        <message>
            <source>All {count}: {what}</source>
            <translation>Alle {count}: {what}</translation>
        </message>
    </context>
    <context>
        <name>Remarks</name>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Sie</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>RenewalDetail</name>
        <message>
            <source>Keep it</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Let it lapse</source>
            <translation>Auslaufen lassen</translation>
        </message>
        <message>
            <source>Let “{title}” lapse?</source>
            <translation>„{title}“ auslaufen lassen?</translation>
        </message>
        <message>
            <source>The contract ends on its day. You are asked once more.</source>
            <translation>Der Vertrag endet an seinem Tag. Sie werden noch einmal gefragt.</translation>
        </message>
        <message>
            <source>The contract ends on {day}. {vendor} is told that you do not renew it.</source>
            <translation>Der Vertrag endet {day}. {vendor} erfährt, dass Sie ihn nicht verlängern.</translation>
        </message>
    </context>
    <context>
        <name>RenewalsSection</name>
        <message>
            <source>Open {things}</source>
            <translation>{things} öffnen</translation>
        </message>
        <message>
            <source>{things} due</source>
            <translation>{things} fällig</translation>
        </message>
    </context>
    <context>
        <name>RequestFacts</name>
        <message>
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <source>People</source>
            <translation>Personen</translation>
        </message>
    </context>
    <context>
        <name>RequestsPage</name>
        <message>
            <source>Close what is open, or let go of what is selected</source>
            <translation>Schließen, was offen ist, oder die Auswahl aufheben</translation>
        </message>
        <message>
            <source>Requests</source>
            <translation>Anfragen</translation>
        </message>
        <message>
            <source>Search requests and messages</source>
            <translation>Anfragen und Nachrichten suchen</translation>
        </message>
        <message>
            <source>Send the message</source>
            <translation>Nachricht senden</translation>
        </message>
        <message>
            <source>This file opens once its message is in the outbox.</source>
            <translation>Diese Datei öffnet sich, sobald ihre Nachricht im Postausgang ist.</translation>
        </message>
        <message>
            <source>Write an answer</source>
            <translation>Antwort schreiben</translation>
        </message>
    </context>
    <context>
        <name>ResolvedStrip</name>
        <message>
            <source>Did this help?</source>
            <translation>Hat das geholfen?</translation>
        </message>
        <message>
            <source>Good to know</source>
            <translation>Gut zu wissen</translation>
        </message>
        <message>
            <source>It can be read, but no longer answered.</source>
            <translation>Sie können sie lesen, aber nicht mehr beantworten.</translation>
        </message>
        <message>
            <source>It stays as it is if you do nothing.</source>
            <translation>Wenn Sie nichts tun, bleibt alles, wie es ist.</translation>
        </message>
        <message>
            <source>Leave it resolved</source>
            <translation>Gelöst lassen</translation>
        </message>
        <message>
            <source>No, open it again</source>
            <translation>Nein, wieder öffnen</translation>
        </message>
        <message>
            <source>Say what is still missing</source>
            <translation>Schreiben Sie, was noch fehlt</translation>
        </message>
        <message>
            <source>Sending it opens the request again.</source>
            <translation>Beim Senden öffnet sich die Anfrage wieder.</translation>
        </message>
        <message>
            <source>This helped.</source>
            <translation>Das hat geholfen.</translation>
        </message>
        <message>
            <source>This request is closed.</source>
            <translation>Diese Anfrage ist geschlossen.</translation>
        </message>
        <message>
            <source>Yes</source>
            <translation>Ja</translation>
        </message>
    </context>
    <context>
        <name>SaveCopy</name>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Saved as {name} in {folder}</source>
            <translation>Gespeichert als {name} in {folder}</translation>
        </message>
    </context>
    <context>
        <name>Saying</name>
        <message>
            <source>On its way already and no longer taken back: {late}.</source>
            <translation>Bereits unterwegs und nicht zurückgeholt: {late}.</translation>
        </message>
        <message>
            <source>Taken back: {undone}</source>
            <translation>Zurückgeholt: {undone}</translation>
        </message>
        <message>
            <source>Taken back: {undone}. On its way already: {late}.</source>
            <translation>Zurückgeholt: {undone}. Bereits unterwegs: {late}.</translation>
        </message>
    </context>
    <context>
        <name>SearchBox</name>
        <message>
            <source>Clear the search</source>
            <translation>Suche leeren</translation>
        </message>
    </context>
    <context>
        <name>SearchStrip</name>
        <message>
            <source>Close the search</source>
            <translation>Suche schließen</translation>
        </message>
        <message>
            <source>Match before</source>
            <translation>Vorige Fundstelle</translation>
        </message>
        <message>
            <source>Next match</source>
            <translation>Nächste Fundstelle</translation>
        </message>
        <message>
            <source>Nothing found</source>
            <translation>Nichts gefunden</translation>
        </message>
        <message>
            <source>Search in this document</source>
            <translation>In diesem Dokument suchen</translation>
        </message>
        <message>
            <source>There is no other place.</source>
            <translation>Es gibt keine weitere Stelle.</translation>
        </message>
        <message>
            <source>{number} of {count}</source>
            <translation>{number} von {count}</translation>
        </message>
    </context>
    <context>
        <name>Services</name>
        <message>
            <source> Possible now: {commands}.</source>
            <translation> Jetzt möglich: {commands}.</translation>
        </message>
        <message>
            <source> at {time}</source>
            <translation> um {time}</translation>
        </message>
        <message>
            <source> · as of {as_of}</source>
            <translation> · Stand {as_of}</translation>
        </message>
        <message numerus="yes">
            <source>%n answers</source>
            <translation>
                <numerusform>%n Antwort</numerusform>
                <numerusform>%n Antworten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n changes</source>
            <translation>
                <numerusform>%n Änderung</numerusform>
                <numerusform>%n Änderungen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n days</source>
            <translation>
                <numerusform>%n Tag</numerusform>
                <numerusform>%n Tage</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n days late</source>
            <translation>
                <numerusform>%n Tag zu spät</numerusform>
                <numerusform>%n Tage zu spät</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n documents</source>
            <translation>
                <numerusform>%n Dokument</numerusform>
                <numerusform>%n Dokumente</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n downloads running</source>
            <translation>
                <numerusform>%n Download läuft</numerusform>
                <numerusform>%n Downloads laufen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n drafts</source>
            <translation>
                <numerusform>%n Entwurf</numerusform>
                <numerusform>%n Entwürfe</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n earlier versions</source>
            <translation>
                <numerusform>%n frühere Version</numerusform>
                <numerusform>%n frühere Versionen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n fields</source>
            <translation>
                <numerusform>%n Feld</numerusform>
                <numerusform>%n Felder</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n fields need mending.</source>
            <translation>
                <numerusform>%n Feld ist noch zu korrigieren.</numerusform>
                <numerusform>%n Felder sind noch zu korrigieren.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files</source>
            <translation>
                <numerusform>%n Datei</numerusform>
                <numerusform>%n Dateien</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files added</source>
            <translation>
                <numerusform>%n Datei hinzugefügt</numerusform>
                <numerusform>%n Dateien hinzugefügt</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files of this account could not be deleted.</source>
            <translation>
                <numerusform>%n Datei dieses Kontos konnte nicht gelöscht werden.</numerusform>
                <numerusform>%n Dateien dieses Kontos konnten nicht gelöscht werden.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n hours</source>
            <translation>
                <numerusform>%n Stunde</numerusform>
                <numerusform>%n Stunden</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n invoices are overdue</source>
            <translation>
                <numerusform>%n Rechnung ist überfällig</numerusform>
                <numerusform>%n Rechnungen sind überfällig</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n jobs</source>
            <translation>
                <numerusform>%n Aufgabe</numerusform>
                <numerusform>%n Aufgaben</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n jobs for you</source>
            <translation>
                <numerusform>%n Aufgabe für Sie</numerusform>
                <numerusform>%n Aufgaben für Sie</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n lines</source>
            <translation>
                <numerusform>%n Zeile</numerusform>
                <numerusform>%n Zeilen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n minutes</source>
            <translation>
                <numerusform>%n Minute</numerusform>
                <numerusform>%n Minuten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more lines are copied too</source>
            <translation>
                <numerusform>%n weitere Zeile wird mitkopiert</numerusform>
                <numerusform>%n weitere Zeilen werden mitkopiert</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n need you</source>
            <translation>
                <numerusform>%n braucht Sie</numerusform>
                <numerusform>%n brauchen Sie</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n not on this computer</source>
            <translation>
                <numerusform>%n nicht auf diesem Computer</numerusform>
                <numerusform>%n nicht auf diesem Computer</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n open</source>
            <translation>
                <numerusform>%n offen</numerusform>
                <numerusform>%n offen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n open {what}</source>
            <translation>
                <numerusform>%n {what}, offen</numerusform>
                <numerusform>%n {what}, offen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n pages</source>
            <translation>
                <numerusform>%n Seite</numerusform>
                <numerusform>%n Seiten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n pages, were {before}</source>
            <translation>
                <numerusform>%n Seite, vorher {before}</numerusform>
                <numerusform>%n Seiten, vorher {before}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people</source>
            <translation>
                <numerusform>%n Person</numerusform>
                <numerusform>%n Personen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n pieces</source>
            <translation>
                <numerusform>%n Teil</numerusform>
                <numerusform>%n Teile</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n pieces of what was kept cannot be taken up. The sync centre shows them; give them up there.</source>
            <translation>
                <numerusform>%n Teil des Aufbewahrten lässt sich nicht übernehmen. Die Sync-Zentrale zeigt ihn; dort lässt er sich aufgeben.</numerusform>
                <numerusform>%n Teile des Aufbewahrten lassen sich nicht übernehmen. Die Sync-Zentrale zeigt sie; dort lassen sie sich aufgeben.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n records</source>
            <translation>
                <numerusform>%n Datensatz</numerusform>
                <numerusform>%n Datensätze</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n records fetched again.</source>
            <translation>
                <numerusform>%n Datensatz neu geholt.</numerusform>
                <numerusform>%n Datensätze neu geholt.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n signs typed</source>
            <translation>
                <numerusform>%n Zeichen eingegeben</numerusform>
                <numerusform>%n Zeichen eingegeben</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n sites</source>
            <translation>
                <numerusform>%n Standort</numerusform>
                <numerusform>%n Standorte</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n systems</source>
            <translation>
                <numerusform>%n System</numerusform>
                <numerusform>%n Systeme</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n things are not sent yet. They are kept here, encrypted, and go on when you sign in here again. Nobody else can open them.</source>
            <translation>
                <numerusform>%n Sache ist noch nicht gesendet. Sie bleibt hier, verschlüsselt, und geht weiter, wenn Sie sich hier wieder anmelden. Niemand sonst kann sie öffnen.</numerusform>
                <numerusform>%n Sachen sind noch nicht gesendet. Sie bleiben hier, verschlüsselt, und gehen weiter, wenn Sie sich hier wieder anmelden. Niemand sonst kann sie öffnen.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n things have to be mended.</source>
            <translation>
                <numerusform>%n Punkt ist zu beheben.</numerusform>
                <numerusform>%n Punkte sind zu beheben.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n things that you had not sent are back, and go on.</source>
            <translation>
                <numerusform>%n Sache, die Sie nicht gesendet hatten, ist wieder da und geht weiter.</numerusform>
                <numerusform>%n Sachen, die Sie nicht gesendet hatten, sind wieder da und gehen weiter.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n values are set by {source}.</source>
            <translation>
                <numerusform>%n Wert ist festgelegt durch: {source}.</numerusform>
                <numerusform>%n Werte sind festgelegt durch: {source}.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n windows are open.</source>
            <translation>
                <numerusform>%n Fenster ist offen.</numerusform>
                <numerusform>%n Fenster sind offen.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n years</source>
            <translation>
                <numerusform>%n Jahr</numerusform>
                <numerusform>%n Jahre</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n {what}</source>
            <translation>
                <numerusform>%n {what}</numerusform>
                <numerusform>%n {what}</numerusform>
            </translation>
        </message>
        <message>
            <source>, protected until {day}</source>
            <translation>, geschützt bis {day}</translation>
        </message>
        <message>
            <source>, receipt {name}</source>
            <translation>, Beleg {name}</translation>
        </message>
        <message>
            <source>, the text of {documents}</source>
            <translation>, den Text von {documents}</translation>
        </message>
        <message>
            <source>1 (on) or 0 (off)</source>
            <translation>1 (an) oder 0 (aus)</translation>
        </message>
        <message numerus="yes">
            <source>; %n records fetched again in vain</source>
            <translation>
                <numerusform>; %n Datensatz vergeblich neu geholt</numerusform>
                <numerusform>; %n Datensätze vergeblich neu geholt</numerusform>
            </translation>
        </message>
        <message>
            <source>A change could not be sent: its record is no longer there.</source>
            <translation>Eine Änderung konnte nicht gesendet werden: Ihr Datensatz ist nicht mehr da.</translation>
        </message>
        <message>
            <source>A change that was not sent</source>
            <translation>Eine Änderung, die nicht gesendet wurde</translation>
        </message>
        <message>
            <source>A conflict that was not decided</source>
            <translation>Ein Konflikt, der nicht entschieden wurde</translation>
        </message>
        <message>
            <source>A draft</source>
            <translation>Ein Entwurf</translation>
        </message>
        <message>
            <source>A file</source>
            <translation>Eine Datei</translation>
        </message>
        <message>
            <source>A gateway answers at {host}, but not under this address.</source>
            <translation>Unter {host} antwortet ein Gateway, aber nicht unter dieser Adresse.</translation>
        </message>
        <message>
            <source>A newer version of Counterpart has opened it.</source>
            <translation>Eine neuere Version von Counterpart hat ihn geöffnet.</translation>
        </message>
        <message>
            <source>A short code has digits only.</source>
            <translation>Ein kurzer Code besteht nur aus Ziffern.</translation>
        </message>
        <message>
            <source>A window ended without closing.</source>
            <translation>Ein Fenster endete, ohne geschlossen zu werden.</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Annehmen</translation>
        </message>
        <message>
            <source>Accept “{title}” or send it back</source>
            <translation>„{title}“ annehmen oder zurückgeben</translation>
        </message>
        <message>
            <source>Add a condition first.</source>
            <translation>Fügen Sie zuerst eine Bedingung hinzu.</translation>
        </message>
        <message>
            <source>Add at least {count}.</source>
            <translation>Fügen Sie mindestens {count} hinzu.</translation>
        </message>
        <message>
            <source>Add at least {min}.</source>
            <translation>Fügen Sie mindestens {min} hinzu.</translation>
        </message>
        <message>
            <source>Add the file again.</source>
            <translation>Fügen Sie die Datei erneut hinzu.</translation>
        </message>
        <message>
            <source>Added</source>
            <translation>Hinzugefügt</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>Anschrift</translation>
        </message>
        <message numerus="yes">
            <source>After %n minutes</source>
            <translation>
                <numerusform>Nach %n Minute</numerusform>
                <numerusform>Nach %n Minuten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>After %n seconds</source>
            <translation>
                <numerusform>Nach %n Sekunde</numerusform>
                <numerusform>Nach %n Sekunden</numerusform>
            </translation>
        </message>
        <message>
            <source>All answered</source>
            <translation>Alle beantwortet</translation>
        </message>
        <message>
            <source>Allowed gateways</source>
            <translation>Erlaubte Gateways</translation>
        </message>
        <message>
            <source>Allowed is: {allowed}. Ask your IT department about others.</source>
            <translation>Erlaubt ist: {allowed}. Wegen anderer bitte die IT-Abteilung fragen.</translation>
        </message>
        <message>
            <source>An Excel sheet holds {most} rows, and this list has more.</source>
            <translation>Ein Excel-Blatt fasst {most} Zeilen, und diese Liste hat mehr.</translation>
        </message>
        <message>
            <source>An answer arrived that does not belong to this sign-in, so it was refused.</source>
            <translation>Es kam eine Antwort, die nicht zu dieser Anmeldung gehört; sie wurde abgewiesen.</translation>
        </message>
        <message>
            <source>An update was offered that does not carry the publisher's signature, so it was refused.</source>
            <translation>Eine angebotene Aktualisierung trägt nicht die Signatur des Herausgebers und wurde abgelehnt.</translation>
        </message>
        <message>
            <source>Another Counterpart is looking for a newer version right now.</source>
            <translation>Ein anderes Counterpart sucht gerade nach einer neueren Version.</translation>
        </message>
        <message>
            <source>Another Counterpart is using this account's store.</source>
            <translation>Ein anderes Counterpart nutzt den Speicher dieses Kontos.</translation>
        </message>
        <message>
            <source>Another registration of this customer came first. {vendor} does not say whose it is.</source>
            <translation>Eine andere Registrierung dieses Kunden war zuerst da. {vendor} sagt nicht, wessen.</translation>
        </message>
        <message>
            <source>Answer {vendor} on “{title}”</source>
            <translation>{vendor} zu „{title}“ antworten</translation>
        </message>
        <message>
            <source>Answers</source>
            <translation>Antworten</translation>
        </message>
        <message>
            <source>Any</source>
            <translation>Jedes</translation>
        </message>
        <message>
            <source>Applied</source>
            <translation>Übernommen</translation>
        </message>
        <message>
            <source>Applied, written to {system}</source>
            <translation>Übernommen, in {system} geschrieben</translation>
        </message>
        <message>
            <source>Approved, protected to {day}</source>
            <translation>Freigegeben, geschützt bis {day}</translation>
        </message>
        <message>
            <source>As the system is set</source>
            <translation>Wie das System eingestellt ist</translation>
        </message>
        <message>
            <source>As you choose</source>
            <translation>Wie gewählt</translation>
        </message>
        <message>
            <source>Ask to extend</source>
            <translation>Verlängerung erbitten</translation>
        </message>
        <message>
            <source>Ask your IT department to mend it: {problem}</source>
            <translation>Die IT-Abteilung bitten, es zu beheben: {problem}</translation>
        </message>
        <message>
            <source>Ask your IT department.</source>
            <translation>Die IT-Abteilung fragen.</translation>
        </message>
        <message>
            <source>Ask your IT department; do not try another network to get around it.</source>
            <translation>Fragen Sie Ihre IT-Abteilung; versuchen Sie nicht, es über ein anderes Netz zu umgehen.</translation>
        </message>
        <message>
            <source>Ask {vendor}</source>
            <translation>{vendor} fragen</translation>
        </message>
        <message>
            <source>At any time.</source>
            <translation>Jederzeit.</translation>
        </message>
        <message numerus="yes">
            <source>At least %n files.</source>
            <translation>
                <numerusform>Mindestens %n Datei.</numerusform>
                <numerusform>Mindestens %n Dateien.</numerusform>
            </translation>
        </message>
        <message>
            <source>At least {least}.</source>
            <translation>Mindestens {least}.</translation>
        </message>
        <message>
            <source>At most {most} characters.</source>
            <translation>Höchstens {most} Zeichen.</translation>
        </message>
        <message>
            <source>At most {most}.</source>
            <translation>Höchstens {most}.</translation>
        </message>
        <message>
            <source>Back after {time} offline</source>
            <translation>Wieder da nach {time} offline</translation>
        </message>
        <message>
            <source>Back after {time} offline. {why}</source>
            <translation>Wieder da nach {time} offline. {why}</translation>
        </message>
        <message>
            <source>Begins after “{title}”. It has to be accepted first; what you write here is kept.</source>
            <translation>Beginnt nach „{title}“. Das muss zuerst angenommen sein; was Sie hier schreiben, bleibt erhalten.</translation>
        </message>
        <message>
            <source>Beta</source>
            <translation>Vorabversionen</translation>
        </message>
        <message>
            <source>Both sides changed this.</source>
            <translation>Beide Seiten haben das geändert.</translation>
        </message>
        <message>
            <source>Bucket {index} still differs{again}.</source>
            <translation>Abschnitt {index} weicht noch ab{again}.</translation>
        </message>
        <message numerus="yes">
            <source>Bucket {index}: %n records differed and were fetched again.</source>
            <translation>
                <numerusform>Abschnitt {index}: %n Datensatz wich ab und wurde neu geholt.</numerusform>
                <numerusform>Abschnitt {index}: %n Datensätze wichen ab und wurden neu geholt.</numerusform>
            </translation>
        </message>
        <message>
            <source>By this computer’s clock, which was ahead.</source>
            <translation>Nach der Uhr dieses Computers, die vorging.</translation>
        </message>
        <message>
            <source>By this computer’s clock, which was {span} ahead.</source>
            <translation>Nach der Uhr dieses Computers, die {span} vorging.</translation>
        </message>
        <message>
            <source>By this computer’s clock, which was {span} behind.</source>
            <translation>Nach der Uhr dieses Computers, die {span} nachging.</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Captured</source>
            <translation>Erfasst</translation>
        </message>
        <message>
            <source>Certificate</source>
            <translation>Zertifikat</translation>
        </message>
        <message>
            <source>Changed since you read it on {day}</source>
            <translation>Geändert, seit Sie es gelesen haben ({day})</translation>
        </message>
        <message>
            <source>Changed since you read {version} on {day}</source>
            <translation>Geändert, seit Sie {version} gelesen haben ({day})</translation>
        </message>
        <message>
            <source>Changed since {since}</source>
            <translation>Geändert seit {since}</translation>
        </message>
        <message>
            <source>Check that it is there, that it belongs to you, and that the disk is not full.</source>
            <translation>Prüfen, ob er da ist, ob er dem eigenen Benutzer gehört und ob die Festplatte nicht voll ist.</translation>
        </message>
        <message>
            <source>Check that its file is there and belongs to you.</source>
            <translation>Prüfen, ob die Datei da ist und dem eigenen Benutzer gehört.</translation>
        </message>
        <message>
            <source>Check that its folder is there and belongs to you.</source>
            <translation>Prüfen Sie, ob der Ordner da ist und Ihnen gehört.</translation>
        </message>
        <message>
            <source>Check that the folder of Counterpart belongs to you.</source>
            <translation>Prüfen, ob der Ordner von Counterpart Ihnen gehört.</translation>
        </message>
        <message>
            <source>Check the address and the network. Some gateways are known only inside a VPN.</source>
            <translation>Adresse und Netz prüfen. Manche Gateways sind nur in einem VPN bekannt.</translation>
        </message>
        <message>
            <source>Check the address. In a foreign network, open a web page and sign in to that network first.</source>
            <translation>Die Adresse prüfen. In einem fremden Netz zuerst eine Webseite öffnen und sich dort anmelden.</translation>
        </message>
        <message>
            <source>Check the address. In a foreign network, sign in to that first.</source>
            <translation>Die Adresse prüfen. In einem fremden Netz zuerst dort anmelden.</translation>
        </message>
        <message>
            <source>Check the disk and try again.</source>
            <translation>Prüfen Sie die Festplatte und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>Check the network cable or Wi-Fi. Counterpart works on offline, and goes on by itself.</source>
            <translation>Netzwerkkabel oder WLAN prüfen. Counterpart arbeitet offline weiter und setzt von selbst fort.</translation>
        </message>
        <message>
            <source>Check what stands behind the host in the address; most gateways have nothing there.</source>
            <translation>Prüfen, was in der Adresse hinter dem Rechnernamen steht; bei den meisten Gateways steht dort nichts.</translation>
        </message>
        <message>
            <source>Choice list</source>
            <translation>Auswahlliste</translation>
        </message>
        <message>
            <source>Choices</source>
            <translation>Auswahl</translation>
        </message>
        <message>
            <source>Choose a smaller scale or a larger screen; 1280 × 800 is comfortable.</source>
            <translation>Eine kleinere Skalierung oder einen größeren Bildschirm wählen; 1280 × 800 ist bequem.</translation>
        </message>
        <message>
            <source>Choose one in the system settings.</source>
            <translation>In den Systemeinstellungen eine wählen.</translation>
        </message>
        <message>
            <source>Choose theirs, mine, or an edited value.</source>
            <translation>Wählen Sie deren, meinen oder einen bearbeiteten Wert.</translation>
        </message>
        <message>
            <source>Choose yes or no.</source>
            <translation>Wählen Sie Ja oder Nein.</translation>
        </message>
        <message>
            <source>Choose {least} to {most} digits, or hold your badge to the reader.</source>
            <translation>Wählen Sie {least} bis {most} Ziffern, oder halten Sie Ihren Ausweis an das Lesegerät.</translation>
        </message>
        <message>
            <source>Clashed with another change; not written</source>
            <translation>Kollidierte mit einer anderen Änderung; nicht geschrieben</translation>
        </message>
        <message>
            <source>Clashed: </source>
            <translation>Kollidiert: </translation>
        </message>
        <message>
            <source>Clock</source>
            <translation>Uhr</translation>
        </message>
        <message>
            <source>Close all windows of Counterpart and open it again; that folds it in.</source>
            <translation>Alle Fenster von Counterpart schließen und es neu öffnen; das räumt es auf.</translation>
        </message>
        <message>
            <source>Close it elsewhere, or copy it to another folder.</source>
            <translation>Schließen Sie sie anderswo, oder kopieren Sie sie in einen anderen Ordner.</translation>
        </message>
        <message>
            <source>Close other programs that use them and remove this account again.</source>
            <translation>Schließen Sie andere Programme, die sie nutzen, und entfernen Sie dieses Konto noch einmal.</translation>
        </message>
        <message>
            <source>Close the other one and try again.</source>
            <translation>Schließen Sie das andere und versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>Come back once they have left.</source>
            <translation>Kommen Sie wieder, sobald der Bildschirm frei ist.</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Compare the new key’s fingerprint with the one the vendor names before you accept it.</source>
            <translation>Vergleichen Sie den Fingerabdruck des neuen Schlüssels mit dem, den der Anbieter nennt, bevor Sie ihn annehmen.</translation>
        </message>
        <message>
            <source>Complete “{words}”</source>
            <translation>„{words}“ vervollständigen</translation>
        </message>
        <message>
            <source>Configuration profile</source>
            <translation>Konfigurationsprofil</translation>
        </message>
        <message>
            <source>Confirm that you have read “{title}”</source>
            <translation>Lesen von „{title}“ bestätigen</translation>
        </message>
        <message>
            <source>Confirm the renewal of {what}</source>
            <translation>Verlängerung von {what} bestätigen</translation>
        </message>
        <message>
            <source>Confirmed that you have read it</source>
            <translation>Lesen bestätigt</translation>
        </message>
        <message>
            <source>Conflict</source>
            <translation>Konflikt</translation>
        </message>
        <message>
            <source>Connect to a network and try again: it opens once the gateway was reached.</source>
            <translation>Mit einem Netz verbinden und erneut versuchen: Es öffnet sich, sobald das Gateway erreicht wurde.</translation>
        </message>
        <message>
            <source>Content</source>
            <translation>Inhalt</translation>
        </message>
        <message>
            <source>Counterpart goes on as it is.</source>
            <translation>Counterpart läuft unverändert weiter.</translation>
        </message>
        <message>
            <source>Counterpart is still busy writing to this account's store.</source>
            <translation>Counterpart schreibt noch in den Speicher dieses Kontos.</translation>
        </message>
        <message>
            <source>Counterpart met a fault of its own, so nothing is exchanged now.</source>
            <translation>In Counterpart ist ein Fehler aufgetreten; zurzeit wird nichts ausgetauscht.</translation>
        </message>
        <message>
            <source>Counterpart works on offline, and goes on by itself.</source>
            <translation>Counterpart arbeitet offline weiter und setzt von selbst fort.</translation>
        </message>
        <message>
            <source>Counterpart {version} on {system}.</source>
            <translation>Counterpart {version} auf {system}.</translation>
        </message>
        <message>
            <source>Counterpart’s folder cannot be written to.</source>
            <translation>In den Ordner von Counterpart kann nicht geschrieben werden.</translation>
        </message>
        <message>
            <source>Country</source>
            <translation>Land</translation>
        </message>
        <message>
            <source>Currency</source>
            <translation>Währung</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Datum</translation>
        </message>
        <message>
            <source>Date and time</source>
            <translation>Datum und Uhrzeit</translation>
        </message>
        <message>
            <source>Dates and figures are written as in English. Choose a language in the system settings.</source>
            <translation>Daten und Zahlen erscheinen wie im Englischen. In den Systemeinstellungen eine Sprache wählen.</translation>
        </message>
        <message>
            <source>Days are reckoned by the gateway’s. What you enter is kept, with this computer’s time. Set the clock.</source>
            <translation>Tage zählen nach der Uhr des Gateways. Was Sie eingeben, bleibt erhalten, mit der Zeit dieses Computers. Stellen Sie die Uhr.</translation>
        </message>
        <message>
            <source>Decide</source>
            <translation>Entscheiden</translation>
        </message>
        <message numerus="yes">
            <source>Decide %n fields on “{name}”</source>
            <translation>
                <numerusform>%n Feld bei „{name}“ entscheiden</numerusform>
                <numerusform>%n Felder bei „{name}“ entscheiden</numerusform>
            </translation>
        </message>
        <message>
            <source>Decide field by field.</source>
            <translation>Entscheiden Sie Feld für Feld.</translation>
        </message>
        <message>
            <source>Decide on “{title}”</source>
            <translation>Über „{title}“ entscheiden</translation>
        </message>
        <message>
            <source>Decide what becomes of your edit on “{name}”</source>
            <translation>Entscheiden, was aus Ihrer Änderung an „{name}“ wird</translation>
        </message>
        <message>
            <source>Decide what becomes of “{what}”</source>
            <translation>Entscheiden, was aus „{what}“ wird</translation>
        </message>
        <message>
            <source>Decided: {label}</source>
            <translation>Entschieden: {label}</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>Löschen</translation>
        </message>
        <message>
            <source>Delete one you no longer use.</source>
            <translation>Löschen Sie einen, den Sie nicht mehr brauchen.</translation>
        </message>
        <message>
            <source>Delete {name}</source>
            <translation>{name} löschen</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>Gelöscht</translation>
        </message>
        <message>
            <source>Delivered {day}</source>
            <translation>Geliefert {day}</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>Einzelheiten</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Discarded</source>
            <translation>Verworfen</translation>
        </message>
        <message>
            <source>Disk</source>
            <translation>Festplatte</translation>
        </message>
        <message>
            <source>Drop single files; folders are not taken in.</source>
            <translation>Legen Sie einzelne Dateien ab; Ordner werden nicht aufgenommen.</translation>
        </message>
        <message>
            <source>Due {day}</source>
            <translation>Fällig {day}</translation>
        </message>
        <message>
            <source>Duplicate of {number}</source>
            <translation>Duplikat von {number}</translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation>E-Mail</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>Edit it once it has arrived.</source>
            <translation>Bearbeiten Sie es, sobald es angekommen ist.</translation>
        </message>
        <message>
            <source>Ended</source>
            <translation>Beendet</translation>
        </message>
        <message numerus="yes">
            <source>Ends in %n days</source>
            <translation>
                <numerusform>Noch %n Tag</numerusform>
                <numerusform>Noch %n Tage</numerusform>
            </translation>
        </message>
        <message>
            <source>Ends today</source>
            <translation>Endet heute</translation>
        </message>
        <message>
            <source>Entered</source>
            <translation>Eingegeben</translation>
        </message>
        <message>
            <source>Errors only</source>
            <translation>Nur Fehler</translation>
        </message>
        <message>
            <source>Event channel</source>
            <translation>Ereigniskanal</translation>
        </message>
        <message>
            <source>Everything has reached {vendor}. When you sign in again, the records come again.</source>
            <translation>Alles hat {vendor} erreicht. Wenn Sie sich wieder anmelden, kommen die Datensätze wieder.</translation>
        </message>
        <message>
            <source>Everything on this computer is kept as it is.</source>
            <translation>Alles auf diesem Computer bleibt, wie es ist.</translation>
        </message>
        <message>
            <source>Everything you enter is saved here and sent when you are back.</source>
            <translation>Alles, was Sie eingeben, wird hier gespeichert und gesendet, sobald Sie wieder online sind.</translation>
        </message>
        <message>
            <source>Everything you entered is at the vendor. Nothing of it stays on this screen.</source>
            <translation>Alles, was Sie eingegeben haben, ist beim Anbieter. Nichts davon bleibt an diesem Bildschirm.</translation>
        </message>
        <message>
            <source>Everything you entered is kept on this computer.</source>
            <translation>Alles, was Sie eingegeben haben, bleibt auf diesem Computer.</translation>
        </message>
        <message>
            <source>Everything you entered is kept.</source>
            <translation>Alles, was Sie eingegeben haben, bleibt erhalten.</translation>
        </message>
        <message>
            <source>Everything you filled in is kept on this computer.</source>
            <translation>Alles, was Sie ausgefüllt haben, bleibt auf diesem Computer.</translation>
        </message>
        <message>
            <source>Everything, without what it is about</source>
            <translation>Alles, ohne worum es geht</translation>
        </message>
        <message>
            <source>Expected {day}</source>
            <translation>Erwartet {day}</translation>
        </message>
        <message>
            <source>Expired</source>
            <translation>Abgelaufen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export it as CSV.</source>
            <translation>Exportieren Sie sie als CSV.</translation>
        </message>
        <message>
            <source>Extend protection on “{words}”</source>
            <translation>Schutz von „{words}“ verlängern</translation>
        </message>
        <message>
            <source>Extended to {date}, as you asked.</source>
            <translation>Verlängert bis {date}, wie erbeten.</translation>
        </message>
        <message>
            <source>Fetched</source>
            <translation>Geholt</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>File added</source>
            <translation>Datei hinzugefügt</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <source>Files up to 50 MB can be added.</source>
            <translation>Dateien bis 50 MB können hinzugefügt werden.</translation>
        </message>
        <message>
            <source>Fill in</source>
            <translation>Ausfüllen</translation>
        </message>
        <message>
            <source>Find anything</source>
            <translation>Etwas finden</translation>
        </message>
        <message>
            <source>Finish “{name}”</source>
            <translation>„{name}“ fertigstellen</translation>
        </message>
        <message>
            <source>First sync not ended</source>
            <translation>Erste Synchronisierung nicht beendet</translation>
        </message>
        <message>
            <source>First sync{share}</source>
            <translation>Erste Synchronisierung{share}</translation>
        </message>
        <message numerus="yes">
            <source>For %n minutes</source>
            <translation>
                <numerusform>%n Minute lang</numerusform>
                <numerusform>%n Minuten lang</numerusform>
            </translation>
        </message>
        <message>
            <source>For everybody who uses this portal.</source>
            <translation>Für alle, die dieses Portal nutzen.</translation>
        </message>
        <message>
            <source>For {whom}.</source>
            <translation>Für {whom}.</translation>
        </message>
        <message>
            <source>Free some space now; what was saved before is kept.</source>
            <translation>Jetzt Platz schaffen; was vorher gespeichert wurde, bleibt.</translation>
        </message>
        <message>
            <source>Free some space, or clear documents in the settings.</source>
            <translation>Platz schaffen oder in den Einstellungen Dokumente entfernen.</translation>
        </message>
        <message>
            <source>Free some space; it goes on by itself.</source>
            <translation>Schaffen Sie etwas Platz; dann geht es von selbst weiter.</translation>
        </message>
        <message>
            <source>From {least} to {most}.</source>
            <translation>Von {least} bis {most}.</translation>
        </message>
        <message>
            <source>Gateway</source>
            <translation>Gateway</translation>
        </message>
        <message>
            <source>GatewayAddress is {address}, which is not among AllowedGateways; one cannot sign in there.</source>
            <translation>GatewayAddress ist {address} und steht nicht unter AllowedGateways; dort kann man sich nicht anmelden.</translation>
        </message>
        <message>
            <source>Give the filter a name.</source>
            <translation>Geben Sie dem Filter einen Namen.</translation>
        </message>
        <message numerus="yes">
            <source>Give up %n pieces of kept work?</source>
            <translation>
                <numerusform>%n aufbewahrten Teil aufgeben?</numerusform>
                <numerusform>%n aufbewahrte Teile aufgeben?</numerusform>
            </translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>Weiter</translation>
        </message>
        <message>
            <source>Go online</source>
            <translation>Online gehen</translation>
        </message>
        <message>
            <source>Good afternoon</source>
            <translation>Guten Tag</translation>
        </message>
        <message>
            <source>Good afternoon, {name}</source>
            <translation>Guten Tag, {name}</translation>
        </message>
        <message>
            <source>Good evening</source>
            <translation>Guten Abend</translation>
        </message>
        <message>
            <source>Good evening, {name}</source>
            <translation>Guten Abend, {name}</translation>
        </message>
        <message>
            <source>Good morning</source>
            <translation>Guten Morgen</translation>
        </message>
        <message>
            <source>Good morning, {name}</source>
            <translation>Guten Morgen, {name}</translation>
        </message>
        <message>
            <source>Group Policy</source>
            <translation>Gruppenrichtlinie</translation>
        </message>
        <message>
            <source>Has passed. Pick {day} or later.</source>
            <translation>Liegt in der Vergangenheit. Wählen Sie {day} oder später.</translation>
        </message>
        <message>
            <source>Have IT allow {host}.</source>
            <translation>Die IT bitten, {host} zuzulassen.</translation>
        </message>
        <message>
            <source>Have IT let the gateway through without a sign-in; no password helps.</source>
            <translation>Die IT bitten, das Gateway ohne Anmeldung durchzulassen; ein Kennwort hilft nicht.</translation>
        </message>
        <message>
            <source>Have the vendor turn on device codes; see its setting “device_code”.</source>
            <translation>Den Anbieter bitten, Gerätecodes einzuschalten; siehe die Einstellung „device_code“.</translation>
        </message>
        <message>
            <source>Have your IT department mend it; “counterpart policy” lists all there is.</source>
            <translation>Die IT-Abteilung bitten, das zu beheben; „counterpart policy“ nennt alles.</translation>
        </message>
        <message>
            <source>Hello {name},

this link gives you access to {vendor}’s partner portal, as {role}. It works once, until {until}:

{link}
</source>
            <translation>Guten Tag {name},

dieser Link gibt Ihnen Zugang zum Partnerportal von {vendor}, als {role}. Er gilt einmal, bis {until}:

{link}
</translation>
        </message>
        <message>
            <source>Help at the kiosk</source>
            <translation>Hilfe am Kiosk</translation>
        </message>
        <message>
            <source>Here</source>
            <translation>Hier</translation>
        </message>
        <message>
            <source>Identical to the gateway at {when}</source>
            <translation>Identisch mit dem Gateway um {when}</translation>
        </message>
        <message>
            <source>If that is your organisation, have IT install its authority on this computer. {keep}</source>
            <translation>Ist das die eigene Organisation, muss die IT deren Zertifizierungsstelle auf diesem Computer einrichten. {keep}</translation>
        </message>
        <message>
            <source>If the clock of this computer is right, it is tried again by itself.</source>
            <translation>Wenn die Uhr dieses Computers richtig geht, wird es von selbst wieder versucht.</translation>
        </message>
        <message>
            <source>If the gateway is not reached, have IT set a proxy’s address by policy, or in the system.</source>
            <translation>Wird das Gateway nicht erreicht, muss die IT die Adresse eines Proxys per Richtlinie oder im System festlegen.</translation>
        </message>
        <message>
            <source>If the key is in your key store, that may still be starting: try again in a moment. If a passphrase opened this account, restore its key file from a backup.</source>
            <translation>Liegt der Schlüssel in Ihrem Schlüsselspeicher, startet dieser vielleicht noch: Versuchen Sie es gleich noch einmal. Wurde dieses Konto mit einer Passphrase geöffnet, stellen Sie seine Schlüsseldatei aus einer Sicherung wieder her.</translation>
        </message>
        <message>
            <source>If you did not expect this, ask your administrator.</source>
            <translation>Wenn Sie das nicht erwartet haben, fragen Sie Ihren Administrator.</translation>
        </message>
        <message>
            <source>If you did not expect this, ask your administrator. To go on here, sign in.</source>
            <translation>Wenn Sie das nicht erwartet haben, fragen Sie Ihren Administrator. Um hier weiterzumachen, melden Sie sich an.</translation>
        </message>
        <message>
            <source>In a new order</source>
            <translation>In einer neuen Bestellung</translation>
        </message>
        <message>
            <source>In another network, turn the proxy off in the system.</source>
            <translation>In einem anderen Netz den Proxy im System ausschalten.</translation>
        </message>
        <message>
            <source>In another order</source>
            <translation>In einer anderen Bestellung</translation>
        </message>
        <message>
            <source>Incident: a document was damaged on this computer and thrown away</source>
            <translation>Vorfall: Ein Dokument war auf diesem Computer beschädigt und wurde verworfen</translation>
        </message>
        <message>
            <source>Incident: a document was damaged on this computer and thrown away; it is pulled again</source>
            <translation>Vorfall: Ein Dokument war auf diesem Computer beschädigt und wurde verworfen; es wird neu geladen</translation>
        </message>
        <message>
            <source>Incident: a file that waits to be sent was damaged on this computer; attach it again</source>
            <translation>Vorfall: Eine Datei, die aufs Senden wartet, war auf diesem Computer beschädigt; hängen Sie sie erneut an</translation>
        </message>
        <message>
            <source>Incident: {what} differed from the gateway, {ending}</source>
            <translation>Vorfall: {what} wichen vom Gateway ab, {ending}</translation>
        </message>
        <message>
            <source>Installation</source>
            <translation>Installation</translation>
        </message>
        <message>
            <source>Installed for the whole computer; your IT brings new releases.</source>
            <translation>Für den ganzen Computer installiert; neue Versionen bringt die IT.</translation>
        </message>
        <message>
            <source>Installed for you alone; it brings itself up to date.</source>
            <translation>Nur für diesen Benutzer installiert; aktualisiert sich selbst.</translation>
        </message>
        <message numerus="yes">
            <source>Invoice {number} is overdue by %n days</source>
            <translation>
                <numerusform>Rechnung {number} ist seit %n Tag überfällig</numerusform>
                <numerusform>Rechnung {number} ist seit %n Tagen überfällig</numerusform>
            </translation>
        </message>
        <message>
            <source>It agrees with the gateway’s.</source>
            <translation>Sie stimmt mit der des Gateways überein.</translation>
        </message>
        <message>
            <source>It answers in {count} ms.</source>
            <translation>Es antwortet in {count} ms.</translation>
        </message>
        <message>
            <source>It broke off: {kind}.</source>
            <translation>Die Prüfung brach ab: {kind}.</translation>
        </message>
        <message>
            <source>It can be pulled again.</source>
            <translation>Es kann erneut geladen werden.</translation>
        </message>
        <message>
            <source>It can be pulled as soon as there is a network.</source>
            <translation>Es kann geladen werden, sobald eine Verbindung besteht.</translation>
        </message>
        <message>
            <source>It could not be asked for: no connection.</source>
            <translation>Nicht zu erfragen: keine Verbindung.</translation>
        </message>
        <message>
            <source>It could not be compared: the gateway did not say its time.</source>
            <translation>Kein Vergleich möglich: Das Gateway nannte seine Zeit nicht.</translation>
        </message>
        <message>
            <source>It could not be noted which version starts next.</source>
            <translation>Es ließ sich nicht vermerken, welche Version als nächste startet.</translation>
        </message>
        <message>
            <source>It could not be seen through this proxy.</source>
            <translation>Durch diesen Proxy war es nicht zu sehen.</translation>
        </message>
        <message>
            <source>It could not be seen: no connection.</source>
            <translation>Nicht zu sehen: keine Verbindung.</translation>
        </message>
        <message>
            <source>It could not be seen: the proxy lets nothing through.</source>
            <translation>Es war nicht zu sehen: Der Proxy lässt nichts durch.</translation>
        </message>
        <message>
            <source>It did not come back in time.</source>
            <translation>Kam nicht rechtzeitig zurück.</translation>
        </message>
        <message>
            <source>It does not give back what it is given.</source>
            <translation>Er gibt nicht zurück, was er bekommt.</translation>
        </message>
        <message>
            <source>It does not hold today by this computer’s clock.</source>
            <translation>Es gilt nach der Uhr dieses Computers heute nicht.</translation>
        </message>
        <message>
            <source>It ends on {day}. Tell the vendor.</source>
            <translation>Es endet am {day}. Dem Anbieter Bescheid geben.</translation>
        </message>
        <message>
            <source>It goes to somebody else now, so it can no longer be accepted or declined.</source>
            <translation>Er geht jetzt an jemand anderen; annehmen oder ablehnen geht nicht mehr.</translation>
        </message>
        <message>
            <source>It has to be a plain HTTP proxy, such as http://proxy.example:8080.</source>
            <translation>Es muss ein einfacher HTTP-Proxy sein, etwa http://proxy.example:8080.</translation>
        </message>
        <message numerus="yes">
            <source>It is %n days ahead.</source>
            <translation>
                <numerusform>Sie geht %n Tag vor.</numerusform>
                <numerusform>Sie geht %n Tage vor.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It is %n days behind.</source>
            <translation>
                <numerusform>Sie geht %n Tag nach.</numerusform>
                <numerusform>Sie geht %n Tage nach.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It is %n hours ahead.</source>
            <translation>
                <numerusform>Sie geht %n Stunde vor.</numerusform>
                <numerusform>Sie geht %n Stunden vor.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It is %n hours behind.</source>
            <translation>
                <numerusform>Sie geht %n Stunde nach.</numerusform>
                <numerusform>Sie geht %n Stunden nach.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It is %n minutes ahead.</source>
            <translation>
                <numerusform>Sie geht %n Minute vor.</numerusform>
                <numerusform>Sie geht %n Minuten vor.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>It is %n minutes behind.</source>
            <translation>
                <numerusform>Sie geht %n Minute nach.</numerusform>
                <numerusform>Sie geht %n Minuten nach.</numerusform>
            </translation>
        </message>
        <message>
            <source>It is busy just now.</source>
            <translation>Er ist gerade beschäftigt.</translation>
        </message>
        <message>
            <source>It is damaged.</source>
            <translation>Er ist beschädigt.</translation>
        </message>
        <message>
            <source>It is fetched when you are back.</source>
            <translation>Er wird geholt, sobald Sie wieder online sind.</translation>
        </message>
        <message>
            <source>It is for another name than {host}.</source>
            <translation>Es gilt für einen anderen Namen als {host}.</translation>
        </message>
        <message>
            <source>It is here now.</source>
            <translation>Es ist jetzt hier.</translation>
        </message>
        <message>
            <source>It is locked, or does not answer.</source>
            <translation>Er ist gesperrt oder antwortet nicht.</translation>
        </message>
        <message>
            <source>It is looked at once more in some minutes, and believed then.</source>
            <translation>In einigen Minuten wird noch einmal nachgesehen; dann gilt es.</translation>
        </message>
        <message>
            <source>It is not trusted. {keep}</source>
            <translation>Ihm wird nicht vertraut. {keep}</translation>
        </message>
        <message>
            <source>It is not understood, so Counterpart stays closed: {problem}</source>
            <translation>Nicht verständlich, deshalb bleibt Counterpart geschlossen: {problem}</translation>
        </message>
        <message>
            <source>It is on its way already</source>
            <translation>Es ist bereits unterwegs</translation>
        </message>
        <message>
            <source>It is open: news arrive at once.</source>
            <translation>Er ist offen: Neues kommt sofort an.</translation>
        </message>
        <message>
            <source>It is still a draft. Open it to hand it in.</source>
            <translation>Es ist noch ein Entwurf. Öffnen Sie ihn, um ihn einzureichen.</translation>
        </message>
        <message>
            <source>It is to be compared with what is there now.</source>
            <translation>Es ist mit dem zu vergleichen, was jetzt da ist.</translation>
        </message>
        <message>
            <source>It is tried again by itself.</source>
            <translation>Es wird von selbst erneut versucht.</translation>
        </message>
        <message>
            <source>It is tried again by itself. If it stays like this, tell the vendor.</source>
            <translation>Es wird von selbst wieder versucht. Bleibt es so, den Anbieter verständigen.</translation>
        </message>
        <message>
            <source>It is unlocked, and keeps keys.</source>
            <translation>Er ist entsperrt und bewahrt Schlüssel auf.</translation>
        </message>
        <message>
            <source>It may still be starting. Try again in a moment.</source>
            <translation>Er startet vielleicht noch. Versuchen Sie es gleich noch einmal.</translation>
        </message>
        <message>
            <source>It may still be starting: sign in to the desktop, unlock it, and try again.</source>
            <translation>Vielleicht startet er noch: am Desktop anmelden, entsperren und erneut versuchen.</translation>
        </message>
        <message>
            <source>It stays as it is.</source>
            <translation>Es bleibt, wie es ist.</translation>
        </message>
        <message>
            <source>It stays as you submitted it.</source>
            <translation>Es bleibt, wie Sie es eingereicht haben.</translation>
        </message>
        <message>
            <source>It stays as you wrote it.</source>
            <translation>Es bleibt, wie Sie es geschrieben haben.</translation>
        </message>
        <message>
            <source>It stays here as you wrote it.</source>
            <translation>Es bleibt hier, wie Sie es geschrieben haben.</translation>
        </message>
        <message>
            <source>It was set aside, and what was not sent yet has been salvaged from it.</source>
            <translation>Er wurde beiseitegelegt, und was noch nicht gesendet war, wurde daraus gerettet.</translation>
        </message>
        <message numerus="yes">
            <source>It works; look at %n things.</source>
            <translation>
                <numerusform>Es funktioniert; %n Punkt ansehen.</numerusform>
                <numerusform>Es funktioniert; %n Punkte ansehen.</numerusform>
            </translation>
        </message>
        <message>
            <source>Its conditions are kept.</source>
            <translation>Seine Bedingungen bleiben erhalten.</translation>
        </message>
        <message>
            <source>Its document is not shared with you. Ask {vendor} for it.</source>
            <translation>Das Dokument dazu ist nicht für Sie freigegeben. Fragen Sie {vendor} danach.</translation>
        </message>
        <message>
            <source>Its key does not open it.</source>
            <translation>Sein Schlüssel öffnet ihn nicht.</translation>
        </message>
        <message>
            <source>Its key is not in the key store any more.</source>
            <translation>Sein Schlüssel ist nicht mehr im Schlüsselspeicher.</translation>
        </message>
        <message>
            <source>Its log has grown to {size}.</source>
            <translation>Sein Protokoll ist auf {size} gewachsen.</translation>
        </message>
        <message>
            <source>Its store is kept as it is, closed.</source>
            <translation>Sein Speicher bleibt, wie er ist, verschlossen.</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>Holen</translation>
        </message>
        <message>
            <source>Keep a document offline</source>
            <translation>Ein Dokument offline behalten</translation>
        </message>
        <message>
            <source>Keep what you typed as a draft, or discard it.</source>
            <translation>Behalten Sie das Eingegebene als Entwurf, oder verwerfen Sie es.</translation>
        </message>
        <message>
            <source>Kept</source>
            <translation>Fest</translation>
        </message>
        <message>
            <source>Kept as a draft</source>
            <translation>Als Entwurf behalten</translation>
        </message>
        <message>
            <source>Key store</source>
            <translation>Schlüsselspeicher</translation>
        </message>
        <message>
            <source>Kiosk</source>
            <translation>Kiosk</translation>
        </message>
        <message>
            <source>Language and time zone</source>
            <translation>Sprache und Zeitzone</translation>
        </message>
        <message>
            <source>Last read at {since}.</source>
            <translation>Zuletzt gelesen: {since}.</translation>
        </message>
        <message>
            <source>Limit for documents</source>
            <translation>Grenze für Dokumente</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Positionen</translation>
        </message>
        <message>
            <source>Link</source>
            <translation>Verweis</translation>
        </message>
        <message>
            <source>Links</source>
            <translation>Verweise</translation>
        </message>
        <message>
            <source>List</source>
            <translation>Liste</translation>
        </message>
        <message>
            <source>Live · proven identical {time}</source>
            <translation>Live · als identisch geprüft {time}</translation>
        </message>
        <message>
            <source>Live · {not_reached} not reached</source>
            <translation>Live · {not_reached} nicht erreicht</translation>
        </message>
        <message>
            <source>Live{tail}</source>
            <translation>Live{tail}</translation>
        </message>
        <message>
            <source>Lock when idle</source>
            <translation>Sperren bei Untätigkeit</translation>
        </message>
        <message numerus="yes">
            <source>Locked after %n minutes without a touch</source>
            <translation>
                <numerusform>Nach %n Minute ohne Berührung gesperrt</numerusform>
                <numerusform>Nach %n Minuten ohne Berührung gesperrt</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Locked after %n seconds without a touch</source>
            <translation>
                <numerusform>Nach %n Sekunde ohne Berührung gesperrt</numerusform>
                <numerusform>Nach %n Sekunden ohne Berührung gesperrt</numerusform>
            </translation>
        </message>
        <message>
            <source>Locked meanwhile.</source>
            <translation>Inzwischen gesperrt.</translation>
        </message>
        <message>
            <source>Locked while {state}.</source>
            <translation>Gesperrt im Status „{state}“.</translation>
        </message>
        <message>
            <source>Locked.</source>
            <translation>Gesperrt.</translation>
        </message>
        <message numerus="yes">
            <source>Locks after %n days</source>
            <translation>
                <numerusform>Sperrt nach %n Tag</numerusform>
                <numerusform>Sperrt nach %n Tagen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Locks after %n minutes without touch.</source>
            <translation>
                <numerusform>Sperrt nach %n Minute ohne Berührung.</numerusform>
                <numerusform>Sperrt nach %n Minuten ohne Berührung.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Locks after %n seconds without touch.</source>
            <translation>
                <numerusform>Sperrt nach %n Sekunde ohne Berührung.</numerusform>
                <numerusform>Sperrt nach %n Sekunden ohne Berührung.</numerusform>
            </translation>
        </message>
        <message>
            <source>Log on this computer</source>
            <translation>Protokoll auf diesem Computer</translation>
        </message>
        <message>
            <source>Look</source>
            <translation>Ansehen</translation>
        </message>
        <message>
            <source>Look at it once more.</source>
            <translation>Sehen Sie es sich noch einmal an.</translation>
        </message>
        <message>
            <source>May clash with a registration of another partner</source>
            <translation>Könnte mit der Registrierung eines anderen Partners kollidieren</translation>
        </message>
        <message>
            <source>May clash with an existing registration</source>
            <translation>Könnte mit einer bestehenden Registrierung kollidieren</translation>
        </message>
        <message>
            <source>Mend</source>
            <translation>Korrigieren</translation>
        </message>
        <message>
            <source>Mend that and send it; this follows by itself.</source>
            <translation>Korrigieren Sie das und senden Sie es; dies folgt von selbst.</translation>
        </message>
        <message>
            <source>Mend “{title}”</source>
            <translation>„{title}“ korrigieren</translation>
        </message>
        <message>
            <source>Merged with another change and written to {system}</source>
            <translation>Mit einer anderen Änderung zusammengeführt und in {system} geschrieben</translation>
        </message>
        <message>
            <source>Merged: {about}{receipt}</source>
            <translation>Zusammengeführt: {about}{receipt}</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>Nachricht</translation>
        </message>
        <message>
            <source>Message added</source>
            <translation>Nachricht hinzugefügt</translation>
        </message>
        <message>
            <source>Mine</source>
            <translation>Meine</translation>
        </message>
        <message>
            <source>Money</source>
            <translation>Geldbetrag</translation>
        </message>
        <message>
            <source>More was sent than the publisher signed for, so it was refused.</source>
            <translation>Es kam mehr, als der Herausgeber signiert hat, und wurde abgelehnt.</translation>
        </message>
        <message>
            <source>Mutation</source>
            <translation>Vorgang</translation>
        </message>
        <message>
            <source>Name lookup</source>
            <translation>Namensauflösung</translation>
        </message>
        <message>
            <source>Name one with --gateway, or sign in first.</source>
            <translation>Eines mit --gateway nennen oder zuerst anmelden.</translation>
        </message>
        <message>
            <source>Needed here. Fill this in to go on.</source>
            <translation>Hier nötig. Bitte ausfüllen.</translation>
        </message>
        <message>
            <source>Needed when {field} is {values}.</source>
            <translation>Nötig, wenn {field} den Wert {values} hat.</translation>
        </message>
        <message>
            <source>Needed.</source>
            <translation>Nötig.</translation>
        </message>
        <message>
            <source>Needed. Choose what they may do.</source>
            <translation>Nötig. Wählen Sie, was die Person darf.</translation>
        </message>
        <message>
            <source>Needed. Fill this in to go on.</source>
            <translation>Nötig. Bitte ausfüllen.</translation>
        </message>
        <message>
            <source>Needed. Tell {vendor} what you need.</source>
            <translation>Nötig. Schreiben Sie {vendor}, was Sie brauchen.</translation>
        </message>
        <message>
            <source>Needed. Write the first and the last name, 200 characters at most.</source>
            <translation>Nötig. Geben Sie Vor- und Nachnamen ein, höchstens 200 Zeichen.</translation>
        </message>
        <message>
            <source>Needs attention. {cause}</source>
            <translation>Braucht Aufmerksamkeit. {cause}</translation>
        </message>
        <message>
            <source>Needs attention{tail}</source>
            <translation>Braucht Aufmerksamkeit{tail}</translation>
        </message>
        <message>
            <source>Needs its passphrase. Open it to search there.</source>
            <translation>Braucht seine Passphrase. Öffnen Sie es, um dort zu suchen.</translation>
        </message>
        <message>
            <source>Needs you: {about}{receipt}. {who} changed the same.</source>
            <translation>Braucht Sie: {about}{receipt}. {who} hat dasselbe geändert.</translation>
        </message>
        <message>
            <source>Never locks</source>
            <translation>Sperrt nie</translation>
        </message>
        <message>
            <source>New record</source>
            <translation>Neuer Datensatz</translation>
        </message>
        <message>
            <source>New {what}</source>
            <translation>Neu: {what}</translation>
        </message>
        <message>
            <source>New {what}: {title}</source>
            <translation>Neu: {what}: {title}</translation>
        </message>
        <message>
            <source>News arrive later, by asking. Have IT let event streams (text/event-stream) through.</source>
            <translation>Neues kommt später, durch Nachfragen. Die IT bitten, Ereignisströme (text/event-stream) durchzulassen.</translation>
        </message>
        <message>
            <source>Next today</source>
            <translation>Als Nächstes: heute</translation>
        </message>
        <message>
            <source>Next {day}</source>
            <translation>Als Nächstes: {day}</translation>
        </message>
        <message>
            <source>No</source>
            <translation>Nein</translation>
        </message>
        <message>
            <source>No gateway is known on this computer yet.</source>
            <translation>Auf diesem Computer ist noch kein Gateway bekannt.</translation>
        </message>
        <message>
            <source>No gateway is set for this kiosk.</source>
            <translation>Für diesen Kiosk ist kein Gateway eingestellt.</translation>
        </message>
        <message>
            <source>No network on this computer, or the gateway's name is not known here.</source>
            <translation>Kein Netz auf diesem Computer, oder der Name des Gateways ist hier nicht bekannt.</translation>
        </message>
        <message>
            <source>No organisation sets anything here.</source>
            <translation>Keine Organisation legt hier etwas fest.</translation>
        </message>
        <message>
            <source>No proxy</source>
            <translation>Kein Proxy</translation>
        </message>
        <message>
            <source>No receipt on this computer is</source>
            <translation>Kein Beleg auf diesem Computer</translation>
        </message>
        <message>
            <source>No time is set for the answer.</source>
            <translation>Für die Antwort ist keine Frist gesetzt.</translation>
        </message>
        <message>
            <source>No {what} “{name}” is on this computer.</source>
            <translation>{what} „{name}“ ist nicht auf diesem Computer.</translation>
        </message>
        <message>
            <source>None by itself</source>
            <translation>Von selbst keine</translation>
        </message>
        <message>
            <source>None due</source>
            <translation>Keine fällig</translation>
        </message>
        <message>
            <source>None is used: the gateway is called directly.</source>
            <translation>Keiner: Das Gateway wird direkt angesprochen.</translation>
        </message>
        <message>
            <source>None open</source>
            <translation>Nichts offen</translation>
        </message>
        <message>
            <source>None: the gateway is on this computer.</source>
            <translation>Keines: Das Gateway ist auf diesem Computer.</translation>
        </message>
        <message>
            <source>Not a list.</source>
            <translation>Keine Liste.</translation>
        </message>
        <message>
            <source>Not a point in time.</source>
            <translation>Kein Zeitpunkt.</translation>
        </message>
        <message>
            <source>Not answers.</source>
            <translation>Keine Antworten.</translation>
        </message>
        <message>
            <source>Not asked for.</source>
            <translation>Nicht gefragt.</translation>
        </message>
        <message>
            <source>Not compared to the end</source>
            <translation>Nicht zu Ende verglichen</translation>
        </message>
        <message>
            <source>Not everything is decided yet.</source>
            <translation>Es ist noch nicht alles entschieden.</translation>
        </message>
        <message>
            <source>Not from {state}.</source>
            <translation>Nicht aus {state}.</translation>
        </message>
        <message>
            <source>Not on this computer</source>
            <translation>Nicht auf diesem Computer</translation>
        </message>
        <message>
            <source>Not on this computer yet</source>
            <translation>Noch nicht auf diesem Computer</translation>
        </message>
        <message>
            <source>Not open here yet</source>
            <translation>Hier noch nicht geöffnet</translation>
        </message>
        <message>
            <source>Not read completely yet.</source>
            <translation>Noch nicht vollständig gelesen.</translation>
        </message>
        <message>
            <source>Not sent: {what}</source>
            <translation>Nicht gesendet: {what}</translation>
        </message>
        <message>
            <source>Not set</source>
            <translation>Nicht gesetzt</translation>
        </message>
        <message>
            <source>Not submitted</source>
            <translation>Nicht eingereicht</translation>
        </message>
        <message>
            <source>Not taken: {about}{receipt}.</source>
            <translation>Nicht angenommen: {about}{receipt}.</translation>
        </message>
        <message>
            <source>Not taken: {about}{receipt}. {reason}</source>
            <translation>Nicht angenommen: {about}{receipt}. {reason}</translation>
        </message>
        <message>
            <source>Not used: this computer is no kiosk.</source>
            <translation>Nicht in Gebrauch: Dieser Computer ist kein Kiosk.</translation>
        </message>
        <message>
            <source>Not written</source>
            <translation>Nicht geschrieben</translation>
        </message>
        <message>
            <source>Nothing</source>
            <translation>Nichts</translation>
        </message>
        <message>
            <source>Nothing changed</source>
            <translation>Nichts geändert</translation>
        </message>
        <message>
            <source>Nothing else changed.</source>
            <translation>Sonst hat sich nichts geändert.</translation>
        </message>
        <message>
            <source>Nothing has to be done: the next start sees it. If that does not show, restart the computer.</source>
            <translation>Nichts zu tun: Der nächste Start bemerkt es. Erscheint dann kein Fenster, den Computer neu starten.</translation>
        </message>
        <message>
            <source>Nothing has to be mended.</source>
            <translation>Nichts ist zu beheben.</translation>
        </message>
        <message>
            <source>Nothing is kept here.</source>
            <translation>Hier bleibt nichts.</translation>
        </message>
        <message>
            <source>Nothing is looked for until a channel is chosen.</source>
            <translation>Bis ein Kanal gewählt ist, wird nichts gesucht.</translation>
        </message>
        <message>
            <source>Nothing is lost.</source>
            <translation>Nichts ist verloren.</translation>
        </message>
        <message>
            <source>Nothing is lost: the key of this account is in it.</source>
            <translation>Nichts ist verloren: Der Schlüssel dieses Kontos liegt darin.</translation>
        </message>
        <message>
            <source>Nothing is sent until you apply; both versions are kept in the history.</source>
            <translation>Nichts wird gesendet, bevor Sie es anwenden; beide Fassungen bleiben im Verlauf.</translation>
        </message>
        <message>
            <source>Nothing is stored yet.</source>
            <translation>Noch ist nichts gespeichert.</translation>
        </message>
        <message>
            <source>Nothing of it is kept here.</source>
            <translation>Nichts davon bleibt hier.</translation>
        </message>
        <message>
            <source>Nothing of it is shown.</source>
            <translation>Nichts davon wird gezeigt.</translation>
        </message>
        <message>
            <source>Nothing of this account is kept on this computer.</source>
            <translation>Nichts von diesem Konto bleibt auf diesem Computer.</translation>
        </message>
        <message>
            <source>Nothing was changed.</source>
            <translation>Nichts wurde geändert.</translation>
        </message>
        <message>
            <source>Nothing was deleted; what waits here is kept, encrypted.</source>
            <translation>Gelöscht wurde nichts; was hier wartet, bleibt verschlüsselt erhalten.</translation>
        </message>
        <message>
            <source>Nothing was lost; it can be made again.</source>
            <translation>Nichts ging verloren; die Datei lässt sich neu erstellen.</translation>
        </message>
        <message>
            <source>Nothing was mixed up; what waits here is kept.</source>
            <translation>Nichts wurde vermischt; was hier wartet, bleibt erhalten.</translation>
        </message>
        <message>
            <source>Nothing was removed yet.</source>
            <translation>Noch wurde nichts entfernt.</translation>
        </message>
        <message>
            <source>Nothing was sent a second time.</source>
            <translation>Nichts wurde ein zweites Mal gesendet.</translation>
        </message>
        <message>
            <source>Nothing was sent.</source>
            <translation>Nichts wurde gesendet.</translation>
        </message>
        <message>
            <source>Nothing was sent. The check cannot be turned off.</source>
            <translation>Nichts wurde gesendet. Die Prüfung lässt sich nicht abschalten.</translation>
        </message>
        <message>
            <source>Nothing was written.</source>
            <translation>Nichts wurde geschrieben.</translation>
        </message>
        <message>
            <source>Nothing. It stays empty.</source>
            <translation>Nichts. Es bleibt leer.</translation>
        </message>
        <message>
            <source>Nothing. {vendor}’s “{before}” stays.</source>
            <translation>Nichts. „{before}“ von {vendor} bleibt.</translation>
        </message>
        <message>
            <source>Number</source>
            <translation>Nummer</translation>
        </message>
        <message>
            <source>Off</source>
            <translation>Aus</translation>
        </message>
        <message>
            <source>Off: nothing is reported to anybody</source>
            <translation>Aus: Niemandem wird etwas berichtet</translation>
        </message>
        <message>
            <source>Offline since {since}, as you chose. {kept}</source>
            <translation>Offline seit {since}, wie von Ihnen gewählt. {kept}</translation>
        </message>
        <message>
            <source>Offline since {since}. {kept}</source>
            <translation>Offline seit {since}. {kept}</translation>
        </message>
        <message>
            <source>Offline, as you chose</source>
            <translation>Offline, wie von Ihnen gewählt</translation>
        </message>
        <message>
            <source>Offline. {cause}</source>
            <translation>Offline. {cause}</translation>
        </message>
        <message>
            <source>Offline{tail}</source>
            <translation>Offline{tail}</translation>
        </message>
        <message>
            <source>On</source>
            <translation>An</translation>
        </message>
        <message>
            <source>Once your answer has been sent, it is {vendor}’s turn.</source>
            <translation>Sobald Ihre Antwort gesendet ist, ist {vendor} dran.</translation>
        </message>
        <message>
            <source>One of the listed values.</source>
            <translation>Einer der aufgeführten Werte.</translation>
        </message>
        <message>
            <source>Online again</source>
            <translation>Wieder online</translation>
        </message>
        <message>
            <source>Only a window can see it; use “Check this computer” there.</source>
            <translation>Nur ein Fenster sieht ihn; dort „Diesen Computer prüfen“ verwenden.</translation>
        </message>
        <message>
            <source>Only before it is handed in.</source>
            <translation>Nur bevor es abgegeben ist.</translation>
        </message>
        <message>
            <source>Only from {states}.</source>
            <translation>Nur aus {states}.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open it first, then confirm.</source>
            <translation>Erst öffnen, dann bestätigen.</translation>
        </message>
        <message>
            <source>Open it while you are online.</source>
            <translation>Öffnen Sie ihn, während Sie online sind.</translation>
        </message>
        <message>
            <source>Open it, and decide on what it says.</source>
            <translation>Öffnen Sie sie und entscheiden Sie über das, was darin steht.</translation>
        </message>
        <message>
            <source>Open now</source>
            <translation>Jetzt offen</translation>
        </message>
        <message>
            <source>Open the account: what was not sent is salvaged, and the records are read afresh.</source>
            <translation>Das Konto öffnen: Nicht Gesendetes wird gerettet, die Datensätze werden neu gelesen.</translation>
        </message>
        <message>
            <source>Open the address shown in a browser on this computer.</source>
            <translation>Öffnen Sie die gezeigte Adresse in einem Browser auf diesem Computer.</translation>
        </message>
        <message>
            <source>Open the document first: you sign what it says.</source>
            <translation>Öffnen Sie das Dokument zuerst: Sie unterschreiben, was darin steht.</translation>
        </message>
        <message>
            <source>Open the record and its receipt while you are online.</source>
            <translation>Öffnen Sie den Datensatz und seinen Beleg, während Sie online sind.</translation>
        </message>
        <message>
            <source>Open this address in a browser on this computer: {address}</source>
            <translation>Öffnen Sie diese Adresse in einem Browser auf diesem Computer: {address}</translation>
        </message>
        <message>
            <source>Organisation’s settings</source>
            <translation>Vorgaben der Organisation</translation>
        </message>
        <message>
            <source>Other windows</source>
            <translation>Andere Fenster</translation>
        </message>
        <message>
            <source>Outcome</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <source>Parts of it are damaged.</source>
            <translation>Teile davon sind beschädigt.</translation>
        </message>
        <message>
            <source>Phone number</source>
            <translation>Telefonnummer</translation>
        </message>
        <message>
            <source>Pick a country.</source>
            <translation>Wählen Sie ein Land.</translation>
        </message>
        <message>
            <source>Pick a currency.</source>
            <translation>Wählen Sie eine Währung.</translation>
        </message>
        <message>
            <source>Pick a record.</source>
            <translation>Wählen Sie einen Datensatz.</translation>
        </message>
        <message>
            <source>Pick another folder, on another disk.</source>
            <translation>Wählen Sie einen anderen Ordner auf einem anderen Laufwerk.</translation>
        </message>
        <message>
            <source>Pick another folder.</source>
            <translation>Wählen Sie einen anderen Ordner.</translation>
        </message>
        <message>
            <source>Pick from the list.</source>
            <translation>Wählen Sie aus der Liste.</translation>
        </message>
        <message>
            <source>Pick one of the listed values.</source>
            <translation>Wählen Sie einen der aufgeführten Werte.</translation>
        </message>
        <message>
            <source>Pick records.</source>
            <translation>Wählen Sie Datensätze.</translation>
        </message>
        <message>
            <source>Pick the file that has the content.</source>
            <translation>Wählen Sie die Datei mit dem Inhalt.</translation>
        </message>
        <message>
            <source>Place of the kiosk</source>
            <translation>Ort des Kiosks</translation>
        </message>
        <message>
            <source>Proof: {same} of {total} buckets identical</source>
            <translation>Nachweis: {same} von {total} Abschnitten identisch</translation>
        </message>
        <message>
            <source>Proxy</source>
            <translation>Proxy</translation>
        </message>
        <message>
            <source>Pull it again.</source>
            <translation>Laden Sie sie erneut.</translation>
        </message>
        <message>
            <source>Pull it first.</source>
            <translation>Laden Sie sie zuerst.</translation>
        </message>
        <message numerus="yes">
            <source>Pulled %n changes in {seconds} s</source>
            <translation>
                <numerusform>%n Änderung in {seconds} s geholt</numerusform>
                <numerusform>%n Änderungen in {seconds} s geholt</numerusform>
            </translation>
        </message>
        <message>
            <source>Pulled a document</source>
            <translation>Ein Dokument geladen</translation>
        </message>
        <message>
            <source>Quarantined</source>
            <translation>Zurückgehalten</translation>
        </message>
        <message>
            <source>Quoted</source>
            <translation>Angeboten</translation>
        </message>
        <message>
            <source>Quotes to come</source>
            <translation>Angebote folgen</translation>
        </message>
        <message>
            <source>Raise a new one; you can say which one it follows.</source>
            <translation>Stellen Sie eine neue; Sie können angeben, an welche sie anknüpft.</translation>
        </message>
        <message>
            <source>Reached</source>
            <translation>Erreicht</translation>
        </message>
        <message>
            <source>Reached {day}</source>
            <translation>Erreicht {day}</translation>
        </message>
        <message>
            <source>Read</source>
            <translation>Lesen</translation>
        </message>
        <message numerus="yes">
            <source>Read %n records in {time}</source>
            <translation>
                <numerusform>%n Datensatz in {time} gelesen</numerusform>
                <numerusform>%n Datensätze in {time} gelesen</numerusform>
            </translation>
        </message>
        <message>
            <source>Read it</source>
            <translation>Lesen</translation>
        </message>
        <message>
            <source>Receipts are signed with another key now: {key}</source>
            <translation>Belege sind jetzt mit einem anderen Schlüssel signiert: {key}</translation>
        </message>
        <message>
            <source>Received</source>
            <translation>Eingegangen</translation>
        </message>
        <message>
            <source>Refused: </source>
            <translation>Abgewiesen: </translation>
        </message>
        <message>
            <source>Refused; not written</source>
            <translation>Abgewiesen; nicht geschrieben</translation>
        </message>
        <message>
            <source>Registered by you.</source>
            <translation>Von Ihnen registriert.</translation>
        </message>
        <message>
            <source>Registered by your colleague {name}.</source>
            <translation>In Ihrer Firma registriert von {name}.</translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation>Abgelehnt</translation>
        </message>
        <message>
            <source>Rejected: {reason}</source>
            <translation>Abgelehnt: {reason}</translation>
        </message>
        <message>
            <source>Remove them</source>
            <translation>Entfernen</translation>
        </message>
        <message numerus="yes">
            <source>Removed %n records that the gateway no longer shows</source>
            <translation>
                <numerusform>%n Datensatz entfernt, den das Gateway nicht mehr zeigt</numerusform>
                <numerusform>%n Datensätze entfernt, die das Gateway nicht mehr zeigt</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Removed %n records that the gateway no longer shows, as you agreed</source>
            <translation>
                <numerusform>%n Datensatz entfernt, den das Gateway nicht mehr zeigt, mit Ihrer Zustimmung</numerusform>
                <numerusform>%n Datensätze entfernt, die das Gateway nicht mehr zeigt, mit Ihrer Zustimmung</numerusform>
            </translation>
        </message>
        <message>
            <source>Renew “{title}”</source>
            <translation>„{title}“ verlängern</translation>
        </message>
        <message>
            <source>Repair the system’s key store; a new account is protected by a passphrase until then.</source>
            <translation>Den Schlüsselspeicher des Systems reparieren; bis dahin schützt eine Passphrase neue Konten.</translation>
        </message>
        <message>
            <source>Reply</source>
            <translation>Antworten</translation>
        </message>
        <message>
            <source>Reporting</source>
            <translation>Berichte</translation>
        </message>
        <message>
            <source>Restore the file from a backup, or sign in afresh.</source>
            <translation>Stellen Sie die Datei aus einer Sicherung wieder her, oder melden Sie sich neu an.</translation>
        </message>
        <message>
            <source>Restore the key from a backup, or start afresh.</source>
            <translation>Den Schlüssel aus einer Sicherung zurückholen oder neu beginnen.</translation>
        </message>
        <message>
            <source>Restore the key from a backup, or start afresh: the vendor's records come again by themselves.</source>
            <translation>Stellen Sie den Schlüssel aus einer Sicherung wieder her, oder fangen Sie neu an: Die Datensätze des Anbieters kommen von selbst wieder.</translation>
        </message>
        <message>
            <source>Restore the key from a backup, or start afresh: the vendor’s records come again by themselves.</source>
            <translation>Den Schlüssel aus einer Sicherung zurückholen oder neu beginnen: Die Datensätze des Anbieters kommen von selbst wieder.</translation>
        </message>
        <message>
            <source>Run from its source; it does not update itself.</source>
            <translation>Läuft aus dem Quelltext; aktualisiert sich nicht selbst.</translation>
        </message>
        <message>
            <source>Say what is still missing, so that {vendor} can help.</source>
            <translation>Schreiben Sie, was noch fehlt, damit {vendor} helfen kann.</translation>
        </message>
        <message>
            <source>Screen</source>
            <translation>Bildschirm</translation>
        </message>
        <message>
            <source>Searches everything kept on this computer: {records}</source>
            <translation>Durchsucht alles, was auf diesem Computer liegt: {records}</translation>
        </message>
        <message>
            <source>Send intent</source>
            <translation>Absicht senden</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Wird gesendet</translation>
        </message>
        <message>
            <source>Sent again</source>
            <translation>Erneut gesendet</translation>
        </message>
        <message>
            <source>Sent the file {name}</source>
            <translation>Datei {name} gesendet</translation>
        </message>
        <message>
            <source>Sent: {about}{receipt}</source>
            <translation>Gesendet: {about}{receipt}</translation>
        </message>
        <message>
            <source>Set by {vendor}.</source>
            <translation>Von {vendor} festgelegt.</translation>
        </message>
        <message>
            <source>Set the clock if it is wrong; else tell the vendor.</source>
            <translation>Die Uhr stellen, wenn sie falsch geht; sonst dem Anbieter Bescheid geben.</translation>
        </message>
        <message>
            <source>Set them in the proxy’s address, or have IT let the gateway through without.</source>
            <translation>Beides in der Adresse des Proxys angeben oder die IT bitten, das Gateway ohne Anmeldung durchzulassen.</translation>
        </message>
        <message>
            <source>Settings, Time &amp; language, Date &amp; time: turn on “Set time automatically”, then Sync now.</source>
            <translation>Einstellungen, Zeit und Sprache, Datum und Uhrzeit: „Uhrzeit automatisch festlegen“ einschalten, dann „Jetzt synchronisieren“.</translation>
        </message>
        <message>
            <source>Several receipts on this computer are</source>
            <translation>Mehrere Belege auf diesem Computer</translation>
        </message>
        <message>
            <source>Shipped</source>
            <translation>Versandt</translation>
        </message>
        <message>
            <source>Shipped, {count} of {all} lines</source>
            <translation>Versandt, {count} von {all} Positionen</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>Anmelden</translation>
        </message>
        <message>
            <source>Sign in again and it is sent.</source>
            <translation>Melden Sie sich wieder an, dann wird es gesendet.</translation>
        </message>
        <message>
            <source>Sign in again to go on.</source>
            <translation>Melden Sie sich wieder an, um weiterzuarbeiten.</translation>
        </message>
        <message>
            <source>Sign in anew each time</source>
            <translation>Jedes Mal neu anmelden</translation>
        </message>
        <message>
            <source>Sign in as {name}.</source>
            <translation>Melden Sie sich als {name} an.</translation>
        </message>
        <message>
            <source>Sign in through the browser, or ask your IT to turn the kiosk policy on.</source>
            <translation>Melden Sie sich über den Browser an, oder bitten Sie Ihre IT, die Kiosk-Richtlinie einzuschalten.</translation>
        </message>
        <message>
            <source>Sign in to the network; the rest goes on by itself.</source>
            <translation>Melden Sie sich am Netz an; der Rest geht von selbst weiter.</translation>
        </message>
        <message>
            <source>Sign in with your phone; it goes on by itself.</source>
            <translation>Melden Sie sich mit Ihrem Telefon an; es geht von selbst weiter.</translation>
        </message>
        <message>
            <source>Sign in{tail}</source>
            <translation>Anmelden{tail}</translation>
        </message>
        <message>
            <source>Sign out, then sign in again; it goes on by itself.</source>
            <translation>Melden Sie sich ab und wieder an; es geht von selbst weiter.</translation>
        </message>
        <message>
            <source>Sign-in by code</source>
            <translation>Anmeldung per Code</translation>
        </message>
        <message>
            <source>Signature and path to the signed root were checked on this computer.</source>
            <translation>Signatur und Pfad zur signierten Wurzel wurden auf diesem Computer geprüft.</translation>
        </message>
        <message>
            <source>Signed by</source>
            <translation>Signiert von</translation>
        </message>
        <message>
            <source>Signed out. {cause}</source>
            <translation>Abgemeldet. {cause}</translation>
        </message>
        <message>
            <source>Signed, and nothing in it was changed</source>
            <translation>Signiert, und nichts daran wurde geändert</translation>
        </message>
        <message>
            <source>Sizes, counts and times of each account; no names, no records.</source>
            <translation>Größen, Anzahlen und Zeiten jedes Kontos; keine Namen, keine Datensätze.</translation>
        </message>
        <message>
            <source>Some fields need mending.</source>
            <translation>Einige Felder sind zu korrigieren.</translation>
        </message>
        <message>
            <source>Some files of this account could not be deleted.</source>
            <translation>Einige Dateien dieses Kontos konnten nicht gelöscht werden.</translation>
        </message>
        <message>
            <source>Some of it is not destroyed yet: the key store is locked, or other programs use its files. Unlock the key store, close them, and start Counterpart again; it goes on by itself.</source>
            <translation>Ein Teil ist noch nicht vernichtet: Der Schlüsselspeicher ist gesperrt, oder andere Programme nutzen seine Dateien. Entsperren Sie den Schlüsselspeicher, schließen Sie die Programme und starten Sie Counterpart neu; es geht von selbst weiter.</translation>
        </message>
        <message>
            <source>Somebody else</source>
            <translation>Jemand anderes</translation>
        </message>
        <message>
            <source>Somebody else has this screen now.</source>
            <translation>Diesen Bildschirm hat gerade jemand anderes.</translation>
        </message>
        <message>
            <source>Somebody has registered a customer of this name in this country.</source>
            <translation>Jemand hat einen Kunden dieses Namens in diesem Land registriert.</translation>
        </message>
        <message>
            <source>Somebody has registered this website.</source>
            <translation>Jemand hat diese Website registriert.</translation>
        </message>
        <message>
            <source>Something answers at {host}, but it is no gateway.</source>
            <translation>Unter {host} antwortet etwas, aber kein Gateway.</translation>
        </message>
        <message>
            <source>Something begun and not saved</source>
            <translation>Etwas Begonnenes, nicht gespeichert</translation>
        </message>
        <message>
            <source>Something between this computer and the gateway answered instead of it.</source>
            <translation>Etwas zwischen diesem Computer und dem Gateway hat an seiner Stelle geantwortet.</translation>
        </message>
        <message>
            <source>Something changed meanwhile, so nothing is claimed. It is checked again by itself.</source>
            <translation>Inzwischen hat sich etwas geändert; deshalb wird nichts behauptet. Es wird von selbst erneut geprüft.</translation>
        </message>
        <message>
            <source>Something in between answers instead of it.</source>
            <translation>Etwas dazwischen antwortet an seiner Stelle.</translation>
        </message>
        <message>
            <source>Something in it is not understood: {problem}</source>
            <translation>Etwas darin ist nicht verständlich: {problem}</translation>
        </message>
        <message>
            <source>Something is missing or cannot be right.</source>
            <translation>Etwas fehlt oder kann nicht stimmen.</translation>
        </message>
        <message>
            <source>Something is no longer shared with you. What you wrote is kept here.</source>
            <translation>Etwas ist nicht mehr für Sie freigegeben. Was Sie geschrieben haben, bleibt hier.</translation>
        </message>
        <message>
            <source>Something other than the gateway answered, such as a network's sign-in page.</source>
            <translation>Etwas anderes als das Gateway hat geantwortet, etwa die Anmeldeseite eines Netzes.</translation>
        </message>
        <message>
            <source>Something stands in between, such as a network’s sign-in page. Open a web page and sign in there.</source>
            <translation>Etwas steht dazwischen, etwa die Anmeldeseite eines Netzes. Eine Webseite öffnen und dort anmelden.</translation>
        </message>
        <message>
            <source>Something that a newer version kept</source>
            <translation>Etwas, das eine neuere Version aufbewahrt hat</translation>
        </message>
        <message>
            <source>Something that was kept here for you cannot be opened any more: the gateway’s key has changed, or the file was damaged. It is deleted after thirty days.</source>
            <translation>Etwas, das hier für Sie aufbewahrt war, lässt sich nicht mehr öffnen: Der Schlüssel des Gateways ist ein anderer, oder die Datei wurde beschädigt. Es wird nach dreißig Tagen gelöscht.</translation>
        </message>
        <message>
            <source>Something went wrong.</source>
            <translation>Etwas ist schiefgegangen.</translation>
        </message>
        <message>
            <source>Sorted by {column}</source>
            <translation>Sortiert nach {column}</translation>
        </message>
        <message>
            <source>Source of updates</source>
            <translation>Quelle der Aktualisierungen</translation>
        </message>
        <message>
            <source>Stable</source>
            <translation>Stabile Versionen</translation>
        </message>
        <message>
            <source>Start Counterpart again. If that does not help, ask your IT department.</source>
            <translation>Starten Sie Counterpart neu. Hilft das nicht, fragen Sie Ihre IT-Abteilung.</translation>
        </message>
        <message>
            <source>Start again with a new code.</source>
            <translation>Beginnen Sie noch einmal mit einem neuen Code.</translation>
        </message>
        <message>
            <source>Start it again when you are ready.</source>
            <translation>Beginnen Sie von vorn, wenn Sie so weit sind.</translation>
        </message>
        <message>
            <source>Start the newer version, or go back: what was not sent is brought over.</source>
            <translation>Die neuere Version starten oder zurückgehen: Was nicht gesendet ist, wird herübergeholt.</translation>
        </message>
        <message>
            <source>Start the newer version.</source>
            <translation>Die neuere Version starten.</translation>
        </message>
        <message>
            <source>Start the sign-in again.</source>
            <translation>Beginnen Sie die Anmeldung von vorn.</translation>
        </message>
        <message>
            <source>Store</source>
            <translation>Speicher</translation>
        </message>
        <message>
            <source>Sync</source>
            <translation>Abgleich</translation>
        </message>
        <message>
            <source>Synced</source>
            <translation>Synchron</translation>
        </message>
        <message>
            <source>Syncing{tail}</source>
            <translation>Synchronisiert{tail}</translation>
        </message>
        <message>
            <source>System Settings, General, Date &amp; Time: turn on “Set time and date automatically”.</source>
            <translation>Systemeinstellungen, Allgemein, Datum &amp; Uhrzeit: „Datum und Uhrzeit automatisch einstellen“ einschalten.</translation>
        </message>
        <message>
            <source>System administrator</source>
            <translation>Systemverwaltung</translation>
        </message>
        <message>
            <source>Take it back to edit.</source>
            <translation>Holen Sie es zurück, um es zu bearbeiten.</translation>
        </message>
        <message>
            <source>Take or decline the lead from {title}</source>
            <translation>Lead von {title} annehmen oder ablehnen</translation>
        </message>
        <message>
            <source>Taken back to your drafts</source>
            <translation>In Ihre Entwürfe zurückgeholt</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>Aufgabe</translation>
        </message>
        <message>
            <source>Tell the vendor.</source>
            <translation>Dem Anbieter Bescheid geben.</translation>
        </message>
        <message>
            <source>Tell the vendor: the gateway's key has changed, or the file was damaged.</source>
            <translation>Sagen Sie es dem Anbieter: Der Schlüssel des Gateways ist ein anderer, oder die Datei wurde beschädigt.</translation>
        </message>
        <message>
            <source>Tell the vendor; the sync centre keeps the details.</source>
            <translation>Sagen Sie es dem Anbieter; die Sync-Zentrale hält die Einzelheiten fest.</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>That code is guessed at the first try. Choose another one.</source>
            <translation>Dieser Code wird beim ersten Versuch erraten. Wählen Sie einen anderen.</translation>
        </message>
        <message>
            <source>That is not the code.</source>
            <translation>Das ist nicht der Code.</translation>
        </message>
        <message>
            <source>That is not the passphrase of this account.</source>
            <translation>Das ist nicht die Passphrase dieses Kontos.</translation>
        </message>
        <message>
            <source>That is slow; the network may be.</source>
            <translation>Das ist langsam; vielleicht liegt es am Netz.</translation>
        </message>
        <message>
            <source>That was the wrong code too often, so you were signed out.</source>
            <translation>Der Code war zu oft falsch, deshalb wurden Sie abgemeldet.</translation>
        </message>
        <message>
            <source>The address of new versions has to begin with https://.</source>
            <translation>Die Adresse für neue Versionen muss mit https:// beginnen.</translation>
        </message>
        <message>
            <source>The browser could not be opened.</source>
            <translation>Der Browser ließ sich nicht öffnen.</translation>
        </message>
        <message>
            <source>The browser did not come back in time, so the sign-in was ended.</source>
            <translation>Der Browser kam nicht rechtzeitig zurück; die Anmeldung wurde beendet.</translation>
        </message>
        <message>
            <source>The bytes of every record last hashed at {since}: {found}. It is done each night.</source>
            <translation>Die Bytes aller Datensätze zuletzt geprüft: {since}, {found}. Das geschieht jede Nacht.</translation>
        </message>
        <message>
            <source>The connection to the gateway was cut.</source>
            <translation>Die Verbindung zum Gateway wurde getrennt.</translation>
        </message>
        <message>
            <source>The connection was closed.</source>
            <translation>Die Verbindung wurde geschlossen.</translation>
        </message>
        <message>
            <source>The connection was cut.</source>
            <translation>Die Verbindung wurde getrennt.</translation>
        </message>
        <message>
            <source>The copy on this computer was damaged, so nothing was saved.</source>
            <translation>Die Kopie auf diesem Computer war beschädigt; es wurde nichts gespeichert.</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>Die Festplatte ist voll.</translation>
        </message>
        <message>
            <source>The disk is full: {free} are free.</source>
            <translation>Die Festplatte ist voll: {free} sind frei.</translation>
        </message>
        <message>
            <source>The download was cut off.</source>
            <translation>Der Download wurde abgebrochen.</translation>
        </message>
        <message>
            <source>The draft is saved on this computer.</source>
            <translation>Der Entwurf ist auf diesem Computer gespeichert.</translation>
        </message>
        <message>
            <source>The entry in your key store is not a key.</source>
            <translation>Der Eintrag in Ihrem Schlüsselspeicher ist kein Schlüssel.</translation>
        </message>
        <message>
            <source>The file</source>
            <translation>Die Datei</translation>
        </message>
        <message>
            <source>The file is kept as it is for thirty days from when it was written.</source>
            <translation>Die Datei bleibt dreißig Tage lang, wie sie ist, gerechnet ab dem Schreiben.</translation>
        </message>
        <message>
            <source>The file is kept in Counterpart.</source>
            <translation>Die Datei bleibt in Counterpart.</translation>
        </message>
        <message>
            <source>The file itself is kept as it is.</source>
            <translation>Die Datei selbst bleibt, wie sie ist.</translation>
        </message>
        <message>
            <source>The folder for temporary files cannot be written to.</source>
            <translation>In den Ordner für temporäre Dateien kann nicht geschrieben werden.</translation>
        </message>
        <message>
            <source>The gateway answered with a record that is not one: {fault}.</source>
            <translation>Das Gateway antwortete mit einem Datensatz, der keiner ist: {fault}.</translation>
        </message>
        <message>
            <source>The gateway answered with another record than the one that was changed.</source>
            <translation>Das Gateway antwortete mit einem anderen Datensatz als dem geänderten.</translation>
        </message>
        <message>
            <source>The gateway answered with the receipt of something else.</source>
            <translation>Das Gateway antwortete mit dem Beleg von etwas anderem.</translation>
        </message>
        <message>
            <source>The gateway answers, but is busy or being looked after.</source>
            <translation>Das Gateway antwortet, ist aber beschäftigt oder wird gewartet.</translation>
        </message>
        <message>
            <source>The gateway asked for a pause.</source>
            <translation>Das Gateway bat um eine Pause.</translation>
        </message>
        <message>
            <source>The gateway cannot be reached.</source>
            <translation>Das Gateway ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The gateway did not answer each change that was sent, so nothing of it was used.</source>
            <translation>Das Gateway hat nicht jede gesendete Änderung beantwortet; nichts davon wurde verwendet.</translation>
        </message>
        <message>
            <source>The gateway did not answer in time.</source>
            <translation>Das Gateway hat nicht rechtzeitig geantwortet.</translation>
        </message>
        <message>
            <source>The gateway did not let you sign in.</source>
            <translation>Das Gateway ließ Sie nicht anmelden.</translation>
        </message>
        <message>
            <source>The gateway did not say how much of the file it holds.</source>
            <translation>Das Gateway sagte nicht, wie viel von der Datei es hat.</translation>
        </message>
        <message>
            <source>The gateway does not let kiosks in.</source>
            <translation>Das Gateway lässt keine Kioske zu.</translation>
        </message>
        <message>
            <source>The gateway has been told that it is done.</source>
            <translation>Dem Gateway wurde gemeldet, dass es erledigt ist.</translation>
        </message>
        <message>
            <source>The gateway has begun this upload anew.</source>
            <translation>Das Gateway hat diesen Upload neu begonnen.</translation>
        </message>
        <message>
            <source>The gateway has not been told yet; that is done by itself when Counterpart starts and can reach it.</source>
            <translation>Dem Gateway ist es noch nicht gemeldet; das geschieht von selbst, wenn Counterpart startet und es erreicht.</translation>
        </message>
        <message>
            <source>The gateway is busy.</source>
            <translation>Das Gateway ist ausgelastet.</translation>
        </message>
        <message>
            <source>The gateway is not running at its address.</source>
            <translation>Das Gateway läuft nicht an seiner Adresse.</translation>
        </message>
        <message>
            <source>The gateway is reached through {proxy}, which is spoken to by TLS.</source>
            <translation>Das Gateway wird über {proxy} erreicht, mit TLS bis zum Proxy.</translation>
        </message>
        <message>
            <source>The gateway is reached through {proxy}, which lets the connection through.</source>
            <translation>Das Gateway wird über {proxy} erreicht, der die Verbindung durchlässt.</translation>
        </message>
        <message>
            <source>The gateway is told once it is done.</source>
            <translation>Das Gateway erfährt es, sobald es erledigt ist.</translation>
        </message>
        <message>
            <source>The gateway keeps leading back to a page that was read already.</source>
            <translation>Das Gateway führt immer wieder zu einer Seite, die schon gelesen ist.</translation>
        </message>
        <message>
            <source>The gateway keeps leading back to a position that was read already.</source>
            <translation>Das Gateway führt immer wieder zu einer Position, die schon gelesen ist.</translation>
        </message>
        <message>
            <source>The gateway lets kiosks in.</source>
            <translation>Das Gateway lässt Kioske zu.</translation>
        </message>
        <message>
            <source>The gateway lets no kiosks in.</source>
            <translation>Das Gateway lässt keine Kioske zu.</translation>
        </message>
        <message>
            <source>The gateway named a reason for a record's end that does not exist.</source>
            <translation>Das Gateway nannte für das Ende eines Datensatzes einen Grund, den es nicht gibt.</translation>
        </message>
        <message>
            <source>The gateway no longer knows this position.</source>
            <translation>Das Gateway kennt diese Position nicht mehr.</translation>
        </message>
        <message>
            <source>The gateway no longer shows {missing} of the {held} records on this computer.</source>
            <translation>Das Gateway zeigt {missing} der {held} Datensätze auf diesem Computer nicht mehr.</translation>
        </message>
        <message>
            <source>The gateway no longer speaks with this version of Counterpart.</source>
            <translation>Das Gateway spricht nicht mehr mit dieser Version von Counterpart.</translation>
        </message>
        <message>
            <source>The gateway offers it to whoever is signed in.</source>
            <translation>Das Gateway bietet ihn allen Angemeldeten.</translation>
        </message>
        <message>
            <source>The gateway refused this.</source>
            <translation>Das Gateway hat das abgewiesen.</translation>
        </message>
        <message>
            <source>The gateway says for ever that there is more.</source>
            <translation>Das Gateway sagt endlos, dass noch mehr kommt.</translation>
        </message>
        <message>
            <source>The gateway says it holds another part of the file than was sent.</source>
            <translation>Das Gateway sagt, es habe einen anderen Teil der Datei als den gesendeten.</translation>
        </message>
        <message>
            <source>The gateway sends far more records than it said there were.</source>
            <translation>Das Gateway sendet weit mehr Datensätze, als es angekündigt hat.</translation>
        </message>
        <message>
            <source>The gateway sent a record that it was not asked for.</source>
            <translation>Das Gateway sandte einen Datensatz, nach dem es nicht gefragt wurde.</translation>
        </message>
        <message>
            <source>The gateway sent another part of the file than was asked for.</source>
            <translation>Das Gateway sandte einen anderen Teil der Datei als den verlangten.</translation>
        </message>
        <message>
            <source>The gateway sent far fewer records than it said, so nothing was removed.</source>
            <translation>Das Gateway sandte weit weniger Datensätze als angekündigt; es wurde nichts entfernt.</translation>
        </message>
        <message>
            <source>The gateway sent more records in a page than it was asked for.</source>
            <translation>Das Gateway sandte auf einer Seite mehr Datensätze als verlangt.</translation>
        </message>
        <message>
            <source>The gateway sent more than this document has.</source>
            <translation>Das Gateway sandte mehr, als dieses Dokument hat.</translation>
        </message>
        <message>
            <source>The gateway's address is not usable: {why}</source>
            <translation>Die Adresse des Gateways ist nicht brauchbar: {why}</translation>
        </message>
        <message>
            <source>The gateway's answer broke the rules of the exchange and was refused.</source>
            <translation>Die Antwort des Gateways brach die Regeln des Austauschs und wurde abgewiesen.</translation>
        </message>
        <message>
            <source>The gateway's answer contradicts itself and was not used.</source>
            <translation>Die Antwort des Gateways widerspricht sich und wurde nicht verwendet.</translation>
        </message>
        <message>
            <source>The gateway's answer could not be unpacked and was not used.</source>
            <translation>Die Antwort des Gateways ließ sich nicht entpacken und wurde nicht verwendet.</translation>
        </message>
        <message>
            <source>The gateway's answer was incomplete and was not used.</source>
            <translation>Die Antwort des Gateways war unvollständig und wurde nicht verwendet.</translation>
        </message>
        <message>
            <source>The gateway's answer was larger than any that makes sense, and was refused.</source>
            <translation>Die Antwort des Gateways war größer als jede sinnvolle und wurde abgewiesen.</translation>
        </message>
        <message>
            <source>The gateway's certificate is not trusted, so nothing was sent.</source>
            <translation>Dem Zertifikat des Gateways wird nicht vertraut; es wurde nichts gesendet.</translation>
        </message>
        <message>
            <source>The gateway's event channel answered with something else.</source>
            <translation>Der Ereigniskanal des Gateways antwortete mit etwas anderem.</translation>
        </message>
        <message>
            <source>The gateway's event channel sent far too much and was closed.</source>
            <translation>Der Ereigniskanal des Gateways sandte viel zu viel und wurde geschlossen.</translation>
        </message>
        <message>
            <source>The gateway's history has changed.</source>
            <translation>Die Geschichte des Gateways hat sich geändert.</translation>
        </message>
        <message>
            <source>The gateway's page said neither where it goes on nor that it ends.</source>
            <translation>Die Seite des Gateways sagte weder, wo es weitergeht, noch dass sie endet.</translation>
        </message>
        <message>
            <source>The gateway's snapshot has no end.</source>
            <translation>Der Abzug des Gateways hat kein Ende.</translation>
        </message>
        <message>
            <source>The gateway's sums were not for 16 buckets, so nothing was compared.</source>
            <translation>Die Summen des Gateways galten nicht für 16 Abschnitte; es wurde nichts verglichen.</translation>
        </message>
        <message>
            <source>The gateway's sums were not numbers, so nothing was compared.</source>
            <translation>Die Summen des Gateways waren keine Zahlen; es wurde nichts verglichen.</translation>
        </message>
        <message>
            <source>The key and everything of this account on this computer are deleted.</source>
            <translation>Der Schlüssel und alles von diesem Konto auf diesem Computer werden gelöscht.</translation>
        </message>
        <message>
            <source>The key file of this account cannot be read.</source>
            <translation>Die Schlüsseldatei dieses Kontos ist nicht lesbar.</translation>
        </message>
        <message>
            <source>The key of this account cannot be reached.</source>
            <translation>Der Schlüssel dieses Kontos ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The key of this account is not on this computer any more.</source>
            <translation>Der Schlüssel dieses Kontos ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>The key, the records, the documents and what was not sent yet are destroyed and cannot be brought back. Other accounts on this computer were not touched.</source>
            <translation>Der Schlüssel, die Datensätze, die Dokumente und das noch nicht Gesendete sind vernichtet und lassen sich nicht zurückholen. Andere Konten auf diesem Computer blieben unberührt.</translation>
        </message>
        <message>
            <source>The list is as it was.</source>
            <translation>Die Liste ist, wie sie war.</translation>
        </message>
        <message>
            <source>The list of versions cannot be understood, so nothing was taken from it.</source>
            <translation>Die Liste der Versionen ist nicht lesbar; nichts davon wurde übernommen.</translation>
        </message>
        <message>
            <source>The list of versions has expired, so nothing was taken from it.</source>
            <translation>Die Liste der Versionen ist abgelaufen; nichts davon wurde übernommen.</translation>
        </message>
        <message>
            <source>The list of versions is older than the one seen before, so it was refused.</source>
            <translation>Die Liste der Versionen ist älter als die zuletzt gesehene und wurde abgelehnt.</translation>
        </message>
        <message>
            <source>The name {host} is not known here, or there is no network.</source>
            <translation>Der Name {host} ist hier nicht bekannt, oder es gibt kein Netz.</translation>
        </message>
        <message>
            <source>The newer version keeps this account in a way that this one cannot read.</source>
            <translation>Die neuere Version speichert dieses Konto so, dass diese es nicht lesen kann.</translation>
        </message>
        <message>
            <source>The offer ended on {date}</source>
            <translation>Das Angebot endete {date}</translation>
        </message>
        <message>
            <source>The package of the update is not what it says to be, so it was refused.</source>
            <translation>Das Paket der Aktualisierung ist nicht, was es zu sein angibt, und wurde abgelehnt.</translation>
        </message>
        <message>
            <source>The place of new versions pointed to another place, which is not followed.</source>
            <translation>Der Ort der neuen Versionen verwies auf einen anderen; dem wird nicht gefolgt.</translation>
        </message>
        <message>
            <source>The place where new versions are kept cannot be reached.</source>
            <translation>Der Ort, an dem neue Versionen liegen, ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The portal's manifest could not be read, so the one before stays.</source>
            <translation>Das Manifest des Portals ließ sich nicht lesen; das vorige gilt weiter.</translation>
        </message>
        <message>
            <source>The portal's manifest could not be read.</source>
            <translation>Das Manifest des Portals konnte nicht gelesen werden.</translation>
        </message>
        <message>
            <source>The portal's manifest is not here yet.</source>
            <translation>Das Manifest des Portals ist noch nicht hier.</translation>
        </message>
        <message>
            <source>The proxy of this network did not let the connection through.</source>
            <translation>Der Proxy dieses Netzes ließ die Verbindung nicht durch.</translation>
        </message>
        <message>
            <source>The proxy of this network wants a name and a password, or refused those it was given.</source>
            <translation>Der Proxy dieses Netzes verlangt Name und Kennwort oder hat die gegebenen abgelehnt.</translation>
        </message>
        <message>
            <source>The proxy this computer is set to cannot be reached.</source>
            <translation>Der Proxy, der auf diesem Computer eingestellt ist, ist nicht zu erreichen.</translation>
        </message>
        <message>
            <source>The proxy this computer is set to is of a kind that cannot be used.</source>
            <translation>Der Proxy, auf den dieser Computer eingestellt ist, ist von einer Art, die nicht benutzt werden kann.</translation>
        </message>
        <message>
            <source>The proxy {proxy} answers, but does not let the gateway through.</source>
            <translation>Der Proxy {proxy} antwortet, lässt das Gateway aber nicht durch.</translation>
        </message>
        <message>
            <source>The proxy {proxy} does not answer.</source>
            <translation>Der Proxy {proxy} antwortet nicht.</translation>
        </message>
        <message>
            <source>The proxy {proxy} is not known in this network.</source>
            <translation>Der Proxy {proxy} ist in diesem Netz nicht bekannt.</translation>
        </message>
        <message>
            <source>The proxy {proxy} is of a kind that cannot be used.</source>
            <translation>Der Proxy {proxy} ist von einer Art, die nicht nutzbar ist.</translation>
        </message>
        <message>
            <source>The proxy {proxy} signs people in by {schemes}, which is not spoken here.</source>
            <translation>Der Proxy {proxy} meldet mit {schemes} an; das wird hier nicht unterstützt.</translation>
        </message>
        <message>
            <source>The proxy {proxy} wants a name and a password, or refused those it was given.</source>
            <translation>Der Proxy {proxy} verlangt Name und Passwort oder lehnte die angegebenen ab.</translation>
        </message>
        <message>
            <source>The record was gone; not written</source>
            <translation>Der Datensatz war nicht mehr da; nicht geschrieben</translation>
        </message>
        <message>
            <source>The records are read afresh by itself.</source>
            <translation>Die Datensätze werden von selbst neu gelesen.</translation>
        </message>
        <message>
            <source>The records are read afresh from the gateway.</source>
            <translation>Die Datensätze werden neu vom Gateway gelesen.</translation>
        </message>
        <message>
            <source>The request stays as it is.</source>
            <translation>Die Anfrage bleibt, wie sie ist.</translation>
        </message>
        <message>
            <source>The sign-in was not finished.</source>
            <translation>Die Anmeldung wurde nicht abgeschlossen.</translation>
        </message>
        <message>
            <source>The store cannot be read.</source>
            <translation>Der Speicher ist nicht lesbar.</translation>
        </message>
        <message>
            <source>The store is untouched, but it stays closed without its key.</source>
            <translation>Der Speicher ist unberührt, bleibt aber ohne seinen Schlüssel verschlossen.</translation>
        </message>
        <message>
            <source>The store is untouched.</source>
            <translation>Der Speicher ist unberührt.</translation>
        </message>
        <message>
            <source>The store on this computer cannot be opened for writing.</source>
            <translation>Der Speicher auf diesem Computer lässt sich nicht zum Schreiben öffnen.</translation>
        </message>
        <message>
            <source>The store on this computer is damaged.</source>
            <translation>Der Speicher auf diesem Computer ist beschädigt.</translation>
        </message>
        <message>
            <source>The stored bytes of every record are hashed once a night.</source>
            <translation>Die gespeicherten Bytes aller Datensätze werden jede Nacht geprüft.</translation>
        </message>
        <message>
            <source>The system has no time zone.</source>
            <translation>Das System hat keine Zeitzone.</translation>
        </message>
        <message>
            <source>The system’s language setting “{name}” is not known.</source>
            <translation>Die Spracheinstellung „{name}“ des Systems ist nicht bekannt.</translation>
        </message>
        <message>
            <source>The time {vendor} has stands still meanwhile.</source>
            <translation>Die Frist von {vendor} ruht so lange.</translation>
        </message>
        <message>
            <source>The update came too slowly to ever be whole, so it was given up.</source>
            <translation>Die Aktualisierung kam zu langsam, um je ganz anzukommen, und wurde abgebrochen.</translation>
        </message>
        <message>
            <source>The update could not be put on this computer's disk.</source>
            <translation>Die Aktualisierung ließ sich auf diesem Computer nicht speichern.</translation>
        </message>
        <message>
            <source>The vendor</source>
            <translation>Der Anbieter</translation>
        </message>
        <message>
            <source>The vendor turns it on with the gateway's setting device_code.</source>
            <translation>Der Anbieter schaltet es mit der Einstellung device_code des Gateways ein.</translation>
        </message>
        <message>
            <source>The vendor updates the gateway.</source>
            <translation>Der Anbieter aktualisiert das Gateway.</translation>
        </message>
        <message>
            <source>The vendor's portal has not reached this computer yet.</source>
            <translation>Das Portal des Anbieters ist noch nicht auf diesem Computer.</translation>
        </message>
        <message>
            <source>The vendor's portal is newer than this version of Counterpart.</source>
            <translation>Das Portal des Anbieters ist neuer als diese Version von Counterpart.</translation>
        </message>
        <message>
            <source>Their key is destroyed, so nobody can read them.</source>
            <translation>Ihr Schlüssel ist vernichtet; niemand kann sie lesen.</translation>
        </message>
        <message>
            <source>There is no account on this computer yet. Sign in first, then open the link again.</source>
            <translation>Auf diesem Computer ist noch kein Konto. Melden Sie sich zuerst an, dann öffnen Sie den Link noch einmal.</translation>
        </message>
        <message>
            <source>There is no key store, and an account has its key in one.</source>
            <translation>Es gibt keinen Schlüsselspeicher, aber ein Konto hat seinen Schlüssel in einem.</translation>
        </message>
        <message>
            <source>There is none on this computer; a passphrase protects each account instead.</source>
            <translation>Auf diesem Computer gibt es keinen; stattdessen schützt eine Passphrase jedes Konto.</translation>
        </message>
        <message>
            <source>There is nothing for this computer in this channel.</source>
            <translation>In diesem Kanal gibt es nichts für diesen Computer.</translation>
        </message>
        <message>
            <source>There is nothing to send yet.</source>
            <translation>Es gibt noch nichts zu senden.</translation>
        </message>
        <message>
            <source>There is room for {count} filters of your own.</source>
            <translation>Es ist Platz für {count} eigene Filter.</translation>
        </message>
        <message>
            <source>They do not say what is missing; ask them in a comment.</source>
            <translation>Es steht nicht da, was fehlt; fragen Sie in einem Kommentar.</translation>
        </message>
        <message>
            <source>This Counterpart runs from its source and is updated there.</source>
            <translation>Dieses Counterpart läuft aus dem Quelltext und wird dort aktualisiert.</translation>
        </message>
        <message numerus="yes">
            <source>This account is locked: it was without its gateway for more than %n days, which is as long as your organisation allows.</source>
            <translation>
                <numerusform>Dieses Konto ist gesperrt: Es war länger als %n Tag ohne sein Gateway, mehr erlaubt Ihre Organisation nicht.</numerusform>
                <numerusform>Dieses Konto ist gesperrt: Es war länger als %n Tage ohne sein Gateway, mehr erlaubt Ihre Organisation nicht.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>This account locks within %n days unless its gateway is reached.</source>
            <translation>
                <numerusform>Dieses Konto wird innerhalb von %n Tag gesperrt, wenn sein Gateway nicht erreicht wird.</numerusform>
                <numerusform>Dieses Konto wird innerhalb von %n Tagen gesperrt, wenn sein Gateway nicht erreicht wird.</numerusform>
            </translation>
        </message>
        <message>
            <source>This account was closed.</source>
            <translation>Dieses Konto wurde geschlossen.</translation>
        </message>
        <message>
            <source>This account was last opened with a newer version of Counterpart.</source>
            <translation>Dieses Konto wurde zuletzt mit einer neueren Version von Counterpart geöffnet.</translation>
        </message>
        <message>
            <source>This account was last opened with another version of Counterpart.</source>
            <translation>Dieses Konto wurde zuletzt mit einer anderen Version von Counterpart geöffnet.</translation>
        </message>
        <message>
            <source>This build cannot encrypt, so the store was not opened.</source>
            <translation>Diese Version kann nicht verschlüsseln; der Speicher wurde nicht geöffnet.</translation>
        </message>
        <message>
            <source>This cannot be deleted now.</source>
            <translation>Das kann jetzt nicht gelöscht werden.</translation>
        </message>
        <message>
            <source>This cannot be handed in now.</source>
            <translation>Das lässt sich jetzt nicht abgeben.</translation>
        </message>
        <message>
            <source>This computer finds its proxy by a script (PAC), which Counterpart does not run.</source>
            <translation>Dieser Computer findet seinen Proxy durch ein Skript (PAC), das Counterpart nicht ausführt.</translation>
        </message>
        <message>
            <source>This computer is a kiosk, where Counterpart is used at its screen alone.</source>
            <translation>Dieser Computer ist ein Kiosk: Counterpart wird hier nur am Bildschirm benutzt.</translation>
        </message>
        <message>
            <source>This computer is not set up as a kiosk, so nobody signs in by a code.</source>
            <translation>Dieser Computer ist nicht als Kiosk eingerichtet, deshalb meldet sich hier niemand mit einem Code an.</translation>
        </message>
        <message>
            <source>This computer's disk did not answer as it should.</source>
            <translation>Die Festplatte dieses Computers hat nicht richtig geantwortet.</translation>
        </message>
        <message>
            <source>This computer’s clock is {span} ahead.</source>
            <translation>Die Uhr dieses Computers geht {span} vor.</translation>
        </message>
        <message>
            <source>This computer’s clock is {span} behind.</source>
            <translation>Die Uhr dieses Computers geht {span} nach.</translation>
        </message>
        <message>
            <source>This conflict is decided already.</source>
            <translation>Dieser Konflikt ist bereits entschieden.</translation>
        </message>
        <message>
            <source>This copy came without the publisher's key, so it cannot tell a genuine update and takes none.</source>
            <translation>Dieses Exemplar kam ohne den Schlüssel des Herausgebers; es kann eine echte Aktualisierung nicht erkennen und nimmt keine.</translation>
        </message>
        <message>
            <source>This copy is not {vendor}’s file any more.</source>
            <translation>Diese Kopie ist nicht mehr die Datei von {vendor}.</translation>
        </message>
        <message>
            <source>This device was told to erase what it holds.</source>
            <translation>Dieses Gerät wurde angewiesen, alles zu löschen, was es hat.</translation>
        </message>
        <message>
            <source>This document has been closed.</source>
            <translation>Dieses Dokument wurde geschlossen.</translation>
        </message>
        <message>
            <source>This document is not shared with you any more.</source>
            <translation>Dieses Dokument ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This does not fit the record any more.</source>
            <translation>Das passt nicht mehr zum Datensatz.</translation>
        </message>
        <message>
            <source>This draft is not on this computer any more.</source>
            <translation>Dieser Entwurf ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>This field is not known.</source>
            <translation>Dieses Feld ist nicht bekannt.</translation>
        </message>
        <message>
            <source>This file cannot be shown: it is damaged or needs a password.</source>
            <translation>Diese Datei kann nicht gezeigt werden: Sie ist beschädigt oder braucht ein Passwort.</translation>
        </message>
        <message>
            <source>This file cannot be shown: its pages take more time or memory than a document may.</source>
            <translation>Diese Datei kann nicht angezeigt werden: Ihre Seiten brauchen mehr Zeit oder Speicher, als einem Dokument zusteht.</translation>
        </message>
        <message>
            <source>This file cannot be shown: the part of Counterpart that draws pages does not run.</source>
            <translation>Diese Datei kann nicht angezeigt werden: Der Teil von Counterpart, der Seiten zeichnet, läuft nicht.</translation>
        </message>
        <message>
            <source>This file is not on this computer yet.</source>
            <translation>Diese Datei ist noch nicht auf diesem Computer.</translation>
        </message>
        <message>
            <source>This filter is no longer there.</source>
            <translation>Dieser Filter ist nicht mehr da.</translation>
        </message>
        <message>
            <source>This follows by itself.</source>
            <translation>Das folgt von selbst.</translation>
        </message>
        <message>
            <source>This gateway cannot keep a kiosk’s keys, so nobody was signed in.</source>
            <translation>Dieses Gateway kann die Schlüssel eines Kiosks nicht bereithalten, deshalb wurde niemand angemeldet.</translation>
        </message>
        <message>
            <source>This has changed since you read it. Read it again, then decide.</source>
            <translation>Das hat sich geändert, seit Sie es gelesen haben. Lesen Sie es noch einmal und entscheiden Sie dann.</translation>
        </message>
        <message>
            <source>This is larger than the gateway accepts.</source>
            <translation>Das ist größer, als das Gateway annimmt.</translation>
        </message>
        <message>
            <source>This is newer than {version}, which the channel offers.</source>
            <translation>Diese Version ist neuer als {version}, die der Kanal anbietet.</translation>
        </message>
        <message>
            <source>This is no longer to be seen</source>
            <translation>Das ist nicht mehr zu sehen</translation>
        </message>
        <message>
            <source>This is no longer to be seen.</source>
            <translation>Das ist nicht mehr zu sehen.</translation>
        </message>
        <message>
            <source>This is not a link that Counterpart can open. Nothing was changed.</source>
            <translation>Das ist kein Link, den Counterpart öffnen kann. Nichts wurde geändert.</translation>
        </message>
        <message>
            <source>This is not in the outbox any more.</source>
            <translation>Das ist nicht mehr im Postausgang.</translation>
        </message>
        <message>
            <source>This is not on this computer any more.</source>
            <translation>Das ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>This is not shared with you.</source>
            <translation>Das ist nicht für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This is not something you can do here.</source>
            <translation>Das können Sie hier nicht tun.</translation>
        </message>
        <message>
            <source>This is submitted already.</source>
            <translation>Das ist bereits eingereicht.</translation>
        </message>
        <message>
            <source>This is the newest version.</source>
            <translation>Dies ist die neueste Version.</translation>
        </message>
        <message>
            <source>This key does not open the store.</source>
            <translation>Dieser Schlüssel öffnet den Speicher nicht.</translation>
        </message>
        <message>
            <source>This link is for {vendor}, and no account there is on this computer.</source>
            <translation>Dieser Link ist für {vendor}, und dort gibt es auf diesem Computer kein Konto.</translation>
        </message>
        <message>
            <source>This link leads to something that is not shared with you.</source>
            <translation>Dieser Link führt zu etwas, das nicht für Sie freigegeben ist.</translation>
        </message>
        <message>
            <source>This message is on its way already.</source>
            <translation>Diese Nachricht ist bereits unterwegs.</translation>
        </message>
        <message>
            <source>This needs you.</source>
            <translation>Das braucht Sie.</translation>
        </message>
        <message>
            <source>This network asks you to sign in to it first.</source>
            <translation>Dieses Netz verlangt zuerst eine Anmeldung.</translation>
        </message>
        <message>
            <source>This receipt does not hold</source>
            <translation>Dieser Beleg ist nicht gültig</translation>
        </message>
        <message>
            <source>This receipt does not hold: its signature is wrong.</source>
            <translation>Dieser Beleg ist nicht gültig: Seine Signatur ist falsch.</translation>
        </message>
        <message>
            <source>This receipt does not hold: what it says is not what was signed.</source>
            <translation>Dieser Beleg ist nicht gültig: Was er sagt, wurde so nicht signiert.</translation>
        </message>
        <message>
            <source>This receipt is not on this computer yet.</source>
            <translation>Dieser Beleg ist noch nicht auf diesem Computer.</translation>
        </message>
        <message>
            <source>This record is back.</source>
            <translation>Dieser Datensatz ist wieder da.</translation>
        </message>
        <message>
            <source>This record is gone.</source>
            <translation>Dieser Datensatz ist nicht mehr da.</translation>
        </message>
        <message>
            <source>This request is closed for good.</source>
            <translation>Diese Anfrage ist endgültig geschlossen.</translation>
        </message>
        <message>
            <source>This task is not shared with you any more.</source>
            <translation>Diese Aufgabe ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>This {what} is no longer shared with you. Your text is kept here, encrypted.</source>
            <translation>{what}: nicht mehr für Sie freigegeben. Ihr Text bleibt hier, verschlüsselt.</translation>
        </message>
        <message>
            <source>This {what} is on its way already.</source>
            <translation>{what}: bereits unterwegs.</translation>
        </message>
        <message>
            <source>To go on here, sign in again.</source>
            <translation>Um hier weiterzumachen, melden Sie sich wieder an.</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>Heute</translation>
        </message>
        <message>
            <source>Today or earlier.</source>
            <translation>Heute oder früher.</translation>
        </message>
        <message>
            <source>Today or later.</source>
            <translation>Heute oder später.</translation>
        </message>
        <message>
            <source>Today {time}</source>
            <translation>Heute {time}</translation>
        </message>
        <message>
            <source>Too early. Pick {day} or later.</source>
            <translation>Zu früh. Wählen Sie {day} oder später.</translation>
        </message>
        <message>
            <source>Too far. Pick {day} or earlier.</source>
            <translation>Zu spät. Wählen Sie {day} oder früher.</translation>
        </message>
        <message>
            <source>Too high. At most {most}.</source>
            <translation>Zu hoch. Höchstens {most}.</translation>
        </message>
        <message>
            <source>Too large a number.</source>
            <translation>Die Zahl ist zu groß.</translation>
        </message>
        <message>
            <source>Too late: </source>
            <translation>Zu spät: </translation>
        </message>
        <message numerus="yes">
            <source>Too long by %n characters; at most {most}.</source>
            <translation>
                <numerusform>%n Zeichen zu lang; höchstens {most}.</numerusform>
                <numerusform>%n Zeichen zu lang; höchstens {most}.</numerusform>
            </translation>
        </message>
        <message>
            <source>Too low. At least {least}.</source>
            <translation>Zu niedrig. Mindestens {least}.</translation>
        </message>
        <message>
            <source>Too short. Choose at least {count} characters; a few words do well.</source>
            <translation>Zu kurz. Wählen Sie mindestens {count} Zeichen; einige Wörter sind gut.</translation>
        </message>
        <message numerus="yes">
            <source>Too short. Write %n more characters.</source>
            <translation>
                <numerusform>Zu kurz. Schreiben Sie noch %n Zeichen.</numerusform>
                <numerusform>Zu kurz. Schreiben Sie noch %n Zeichen.</numerusform>
            </translation>
        </message>
        <message>
            <source>Trusted. “{issuer}” vouches for it, an authority added to this computer; its network may read along.</source>
            <translation>Vertraut. „{issuer}“ bürgt dafür, eine auf diesem Computer hinzugefügte Stelle; ihr Netz kann mitlesen.</translation>
        </message>
        <message>
            <source>Trusted; “{issuer}” vouches for it.</source>
            <translation>Vertraut; „{issuer}“ bürgt dafür.</translation>
        </message>
        <message>
            <source>Try again in a moment.</source>
            <translation>Versuchen Sie es gleich noch einmal.</translation>
        </message>
        <message>
            <source>Try again in {duration}.</source>
            <translation>Versuchen Sie es in {duration} noch einmal.</translation>
        </message>
        <message>
            <source>Try again when you are back.</source>
            <translation>Versuchen Sie es noch einmal, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>Try again, or ask the vendor whether your account is set up.</source>
            <translation>Versuchen Sie es noch einmal, oder fragen Sie den Anbieter, ob Ihr Konto eingerichtet ist.</translation>
        </message>
        <message>
            <source>Try again.</source>
            <translation>Versuchen Sie es noch einmal.</translation>
        </message>
        <message numerus="yes">
            <source>Try again: %n tries are left.</source>
            <translation>
                <numerusform>Versuchen Sie es noch einmal: Ein Versuch bleibt.</numerusform>
                <numerusform>Versuchen Sie es noch einmal: %n Versuche bleiben.</numerusform>
            </translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Jetzt versuchen</translation>
        </message>
        <message>
            <source>Turn on automatic time in the system settings, or run: timedatectl set-ntp true</source>
            <translation>In den Systemeinstellungen die automatische Zeit einschalten, oder: timedatectl set-ntp true</translation>
        </message>
        <message>
            <source>Unlock it to go on.</source>
            <translation>Entsperren Sie ihn, um weiterzumachen.</translation>
        </message>
        <message>
            <source>Unlock it with the passphrase of this account.</source>
            <translation>Entsperren Sie ihn mit der Passphrase dieses Kontos.</translation>
        </message>
        <message>
            <source>Unlock your key store; everything goes on then. Nothing is lost.</source>
            <translation>Den Schlüsselspeicher entsperren; dann geht alles weiter. Nichts ist verloren.</translation>
        </message>
        <message>
            <source>Unlocking by code</source>
            <translation>Entsperren mit Code</translation>
        </message>
        <message numerus="yes">
            <source>Unsent work of %n people is kept here, encrypted; it goes on when they sign in.</source>
            <translation>
                <numerusform>Nicht gesendete Arbeit von %n Person liegt hier, verschlüsselt; sie geht weiter, sobald die Person sich anmeldet.</numerusform>
                <numerusform>Nicht gesendete Arbeit von %n Personen liegt hier, verschlüsselt; sie geht weiter, sobald sie sich anmelden.</numerusform>
            </translation>
        </message>
        <message>
            <source>Update Counterpart to go on.</source>
            <translation>Aktualisieren Sie Counterpart, um weiterzumachen.</translation>
        </message>
        <message>
            <source>Update Counterpart; what is on this computer stays readable.</source>
            <translation>Counterpart aktualisieren; was auf diesem Computer ist, bleibt lesbar.</translation>
        </message>
        <message>
            <source>Updates</source>
            <translation>Aktualisierungen</translation>
        </message>
        <message>
            <source>Use it there, or on a computer of your own.</source>
            <translation>Am Bildschirm weiterarbeiten oder an einem eigenen Computer.</translation>
        </message>
        <message>
            <source>Valid until {day}</source>
            <translation>Gültig bis {day}</translation>
        </message>
        <message>
            <source>Valid without an end</source>
            <translation>Gültig ohne Ende</translation>
        </message>
        <message>
            <source>Version {version}</source>
            <translation>Version {version}</translation>
        </message>
        <message>
            <source>Version {version} answers in {count} ms.</source>
            <translation>Version {version} antwortet in {count} ms.</translation>
        </message>
        <message>
            <source>Version {version} is not taken again on this computer.</source>
            <translation>Version {version} wird auf diesem Computer nicht noch einmal genommen.</translation>
        </message>
        <message>
            <source>Version {version} is there and was not fetched yet.</source>
            <translation>Version {version} ist da und wurde noch nicht geholt.</translation>
        </message>
        <message>
            <source>Version {version} needs a newer system than this computer has.</source>
            <translation>Version {version} braucht ein neueres System, als dieser Computer hat.</translation>
        </message>
        <message>
            <source>Versions</source>
            <translation>Versionen</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>Wartet</translation>
        </message>
        <message>
            <source>Waiting to send</source>
            <translation>Wartet aufs Senden</translation>
        </message>
        <message>
            <source>Waits to send</source>
            <translation>Wartet aufs Senden</translation>
        </message>
        <message>
            <source>Warnings and errors</source>
            <translation>Warnungen und Fehler</translation>
        </message>
        <message>
            <source>Was due {day}</source>
            <translation>War fällig {day}</translation>
        </message>
        <message>
            <source>Was expected {day}</source>
            <translation>War erwartet {day}</translation>
        </message>
        <message>
            <source>Was valid until {day}</source>
            <translation>War gültig bis {day}</translation>
        </message>
        <message>
            <source>Website</source>
            <translation>Website</translation>
        </message>
        <message>
            <source>Weekend</source>
            <translation>Wochenende</translation>
        </message>
        <message>
            <source>What answers at {host} does not speak TLS.</source>
            <translation>Was unter {host} antwortet, spricht kein TLS.</translation>
        </message>
        <message>
            <source>What arrived was not this document, so it was thrown away.</source>
            <translation>Was ankam, war nicht dieses Dokument; es wurde verworfen.</translation>
        </message>
        <message>
            <source>What became of it stands in the history.</source>
            <translation>Was daraus wurde, steht im Verlauf.</translation>
        </message>
        <message>
            <source>What differs is fetched now.</source>
            <translation>Was abweicht, wird jetzt geholt.</translation>
        </message>
        <message>
            <source>What happened, without whom and what.</source>
            <translation>Was geschah, ohne wer und was.</translation>
        </message>
        <message>
            <source>What happens, without what it is about</source>
            <translation>Was geschieht, ohne worum es geht</translation>
        </message>
        <message>
            <source>What has arrived is kept, and it goes on from here.</source>
            <translation>Was angekommen ist, bleibt, und von hier geht es weiter.</translation>
        </message>
        <message>
            <source>What is no longer shared with you is deleted; its last traces leave the encrypted file once the disk has room</source>
            <translation>Was nicht mehr für Sie freigegeben ist, ist gelöscht; die letzten Spuren verlassen die verschlüsselte Datei, sobald Platz auf der Festplatte ist</translation>
        </message>
        <message>
            <source>What is on this computer is kept as it is, closed.</source>
            <translation>Was auf diesem Computer ist, bleibt, wie es ist, verschlossen.</translation>
        </message>
        <message>
            <source>What is on this computer stays readable, and what you entered is kept.</source>
            <translation>Was auf diesem Computer ist, bleibt lesbar, und was Sie eingegeben haben, bleibt erhalten.</translation>
        </message>
        <message>
            <source>What is stored here is not what was signed. Do not rely on it.</source>
            <translation>Was hier gespeichert ist, wurde so nicht signiert. Verlassen Sie sich nicht darauf.</translation>
        </message>
        <message>
            <source>What it holds is encrypted.</source>
            <translation>Was darin liegt, ist verschlüsselt.</translation>
        </message>
        <message>
            <source>What may stand in it</source>
            <translation>Was darin stehen darf</translation>
        </message>
        <message>
            <source>What this belongs to has not been taken yet.</source>
            <translation>Wozu das gehört, ist noch nicht angenommen.</translation>
        </message>
        <message>
            <source>What was fetched is not what the publisher signed, so it was refused.</source>
            <translation>Was ankam, ist nicht, was der Herausgeber signiert hat, und wurde abgelehnt.</translation>
        </message>
        <message>
            <source>What was kept here for you cannot be opened.</source>
            <translation>Was hier für Sie aufbewahrt war, lässt sich nicht öffnen.</translation>
        </message>
        <message>
            <source>What was not sent yet is salvaged before it is replaced.</source>
            <translation>Was noch nicht gesendet ist, wird gerettet, bevor er ersetzt wird.</translation>
        </message>
        <message>
            <source>What was saved before is kept.</source>
            <translation>Was vorher gespeichert war, bleibt erhalten.</translation>
        </message>
        <message>
            <source>What was submitted is kept.</source>
            <translation>Was eingereicht wurde, bleibt erhalten.</translation>
        </message>
        <message>
            <source>What was to be kept in your key store is larger than a key can be, so it was not kept.</source>
            <translation>Was in den Schlüsselspeicher sollte, ist größer, als ein Schlüssel sein kann, und wurde nicht abgelegt.</translation>
        </message>
        <message>
            <source>What was written as “{name}” came back damaged, so it was removed again.</source>
            <translation>Was als „{name}“ geschrieben wurde, kam beschädigt zurück und wurde wieder entfernt.</translation>
        </message>
        <message>
            <source>What you enter is kept here and sent when it is back.</source>
            <translation>Was Sie eingeben, bleibt hier und wird gesendet, sobald es zurück ist.</translation>
        </message>
        <message>
            <source>What you had not sent is kept here, encrypted.</source>
            <translation>Was Sie nicht gesendet hatten, bleibt hier, verschlüsselt.</translation>
        </message>
        <message>
            <source>What you have not sent is kept here, encrypted, when you sign out.</source>
            <translation>Was Sie nicht gesendet haben, bleibt hier, verschlüsselt, wenn Sie sich abmelden.</translation>
        </message>
        <message>
            <source>What you saved elsewhere stays.</source>
            <translation>Was Sie anderswo gespeichert haben, bleibt.</translation>
        </message>
        <message>
            <source>What you typed is kept here.</source>
            <translation>Was Sie eingegeben haben, bleibt hier.</translation>
        </message>
        <message>
            <source>What you wrote is kept here.</source>
            <translation>Was Sie geschrieben haben, bleibt hier.</translation>
        </message>
        <message>
            <source>What your organisation set for this computer cannot be understood, so Counterpart stays closed.</source>
            <translation>Was Ihre Organisation für diesen Computer festgelegt hat, ist nicht zu verstehen; darum bleibt Counterpart geschlossen.</translation>
        </message>
        <message>
            <source>What your organisation set is not understood, so nothing is looked for.</source>
            <translation>Was Ihre Organisation festgelegt hat, ist nicht verständlich; daher wird nichts gesucht.</translation>
        </message>
        <message>
            <source>What your organisation set; hosts only.</source>
            <translation>Was die Organisation festgelegt hat; nur Hostnamen.</translation>
        </message>
        <message>
            <source>What “Check this computer” has found.</source>
            <translation>Was „Diesen Computer prüfen“ gefunden hat.</translation>
        </message>
        <message>
            <source>When it can be edited</source>
            <translation>Wann es bearbeitet werden kann</translation>
        </message>
        <message numerus="yes">
            <source>When the screen locks, it opens your work again for %n minutes: four to eight digits, or your badge. It is forgotten when you sign out.</source>
            <translation>
                <numerusform>Nach dem Sperren öffnet er %n Minute lang die Arbeit wieder: vier bis acht Ziffern oder der Ausweis. Beim Abmelden wird er vergessen.</numerusform>
                <numerusform>Nach dem Sperren öffnet er %n Minuten lang die Arbeit wieder: vier bis acht Ziffern oder der Ausweis. Beim Abmelden wird er vergessen.</numerusform>
            </translation>
        </message>
        <message>
            <source>Where a fault came from in our code.</source>
            <translation>Woher ein Fehler in unserem Code kam.</translation>
        </message>
        <message>
            <source>Whether it lets the gateway through shows under “Gateway”.</source>
            <translation>Ob er das Gateway durchlässt, steht unter „Gateway“.</translation>
        </message>
        <message>
            <source>Whether it was done shows once the list has been read again.</source>
            <translation>Ob es geschehen ist, zeigt sich, sobald die Liste neu gelesen ist.</translation>
        </message>
        <message>
            <source>Which versions run here.</source>
            <translation>Welche Versionen hier laufen.</translation>
        </message>
        <message>
            <source>While the stage is {states}; otherwise it is locked.</source>
            <translation>Solange die Stufe {states} ist; sonst ist es gesperrt.</translation>
        </message>
        <message>
            <source>Who fills it in</source>
            <translation>Wer es ausfüllt</translation>
        </message>
        <message>
            <source>Whoever looked up the code did not let this screen in.</source>
            <translation>Wer den Code aufgerufen hat, hat diesen Bildschirm nicht zugelassen.</translation>
        </message>
        <message>
            <source>Whose it is</source>
            <translation>Wem es gehört</translation>
        </message>
        <message>
            <source>Why offline?</source>
            <translation>Warum offline?</translation>
        </message>
        <message>
            <source>Why?</source>
            <translation>Warum?</translation>
        </message>
        <message numerus="yes">
            <source>Within %n days</source>
            <translation>
                <numerusform>Bis %n Tag</numerusform>
                <numerusform>Bis %n Tage</numerusform>
            </translation>
        </message>
        <message>
            <source>Without the gateway</source>
            <translation>Ohne Gateway</translation>
        </message>
        <message>
            <source>Work offline for a moment</source>
            <translation>Einen Moment offline arbeiten</translation>
        </message>
        <message>
            <source>Write a date, such as 24 Nov 2026.</source>
            <translation>Geben Sie ein Datum ein, etwa 24.11.2026.</translation>
        </message>
        <message>
            <source>Write a message, or add a file.</source>
            <translation>Schreiben Sie eine Nachricht, oder fügen Sie eine Datei hinzu.</translation>
        </message>
        <message>
            <source>Write a phone number, such as +44 20 7946 0000.</source>
            <translation>Geben Sie eine Telefonnummer ein, etwa +49 30 901820.</translation>
        </message>
        <message>
            <source>Write a website, such as company.example or https://company.example.</source>
            <translation>Geben Sie eine Website ein, etwa company.example oder https://company.example.</translation>
        </message>
        <message>
            <source>Write a whole number.</source>
            <translation>Geben Sie eine ganze Zahl ein.</translation>
        </message>
        <message>
            <source>Write an amount with at most two decimals.</source>
            <translation>Geben Sie einen Betrag mit höchstens zwei Nachkommastellen ein.</translation>
        </message>
        <message>
            <source>Write an amount, such as 22480.00.</source>
            <translation>Geben Sie einen Betrag ein, etwa 22480,00.</translation>
        </message>
        <message>
            <source>Write an e-mail address, such as name@company.example.</source>
            <translation>Geben Sie eine E-Mail-Adresse ein, etwa name@company.example.</translation>
        </message>
        <message>
            <source>Write one whole address, such as name@company.example.</source>
            <translation>Geben Sie eine vollständige Adresse ein, etwa name@company.example.</translation>
        </message>
        <message>
            <source>Write text here.</source>
            <translation>Schreiben Sie hier Text.</translation>
        </message>
        <message>
            <source>Written</source>
            <translation>Geschrieben</translation>
        </message>
        <message>
            <source>Yes</source>
            <translation>Ja</translation>
        </message>
        <message>
            <source>Yes or no</source>
            <translation>Ja oder Nein</translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation>Gestern</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Sie</translation>
        </message>
        <message>
            <source>You and {vendor} both add to it; what stands there stays.</source>
            <translation>Sie und {vendor} fügen beide hinzu; was dort steht, bleibt.</translation>
        </message>
        <message>
            <source>You and {vendor} both changed this. Decide the conflict first.</source>
            <translation>Sie und {vendor} haben das beide geändert. Entscheiden Sie zuerst den Konflikt.</translation>
        </message>
        <message>
            <source>You and {vendor} both.</source>
            <translation>Sie und {vendor} beide.</translation>
        </message>
        <message>
            <source>You and {vendor} changed {what}. {kept}</source>
            <translation>Sie und {vendor} haben {what} geändert. {kept}</translation>
        </message>
        <message>
            <source>You answer by {when}</source>
            <translation>Sie antworten bis {when}</translation>
        </message>
        <message>
            <source>You are asked to confirm by {day} that you have read this version.</source>
            <translation>Bitte bestätigen Sie bis {day}, dass Sie diese Version gelesen haben.</translation>
        </message>
        <message>
            <source>You are offline.</source>
            <translation>Sie sind offline.</translation>
        </message>
        <message numerus="yes">
            <source>You are signed out. %n things that are not sent yet are kept here, encrypted, for you alone.</source>
            <translation>
                <numerusform>Sie sind abgemeldet. %n Sache, die noch nicht gesendet ist, bleibt hier, verschlüsselt, nur für Sie.</numerusform>
                <numerusform>Sie sind abgemeldet. %n Sachen, die noch nicht gesendet sind, bleiben hier, verschlüsselt, nur für Sie.</numerusform>
            </translation>
        </message>
        <message>
            <source>You are signed out. Nothing of yours stays on this screen.</source>
            <translation>Sie sind abgemeldet. Nichts von Ihnen bleibt an diesem Bildschirm.</translation>
        </message>
        <message>
            <source>You are signed out. What you have not sent stays here, encrypted; the disk has no room for more.</source>
            <translation>Sie sind abgemeldet. Was Sie nicht gesendet haben, bleibt hier, verschlüsselt; auf der Festplatte ist kein Platz für mehr.</translation>
        </message>
        <message>
            <source>You asked for {asked}; {vendor} answered with {date}.</source>
            <translation>Sie haben um {asked} gebeten; {vendor} hat mit {date} geantwortet.</translation>
        </message>
        <message numerus="yes">
            <source>You can change %n fields.</source>
            <translation>
                <numerusform>Sie können %n Feld ändern.</numerusform>
                <numerusform>Sie können %n Felder ändern.</numerusform>
            </translation>
        </message>
        <message>
            <source>You can change everything but {fields}.</source>
            <translation>Sie können alles außer {fields} ändern.</translation>
        </message>
        <message>
            <source>You can change everything.</source>
            <translation>Sie können alles ändern.</translation>
        </message>
        <message>
            <source>You can change {fields}.</source>
            <translation>Sie können {fields} ändern.</translation>
        </message>
        <message>
            <source>You can give that order from another device, and so can an administrator.</source>
            <translation>Diese Anweisung können Sie von einem anderen Gerät geben, und ein Administrator kann es auch.</translation>
        </message>
        <message>
            <source>You changed {what} on another device as well. {kept}</source>
            <translation>Sie haben {what} auch auf einem anderen Gerät geändert. {kept}</translation>
        </message>
        <message>
            <source>You confirmed this version {when}.</source>
            <translation>Sie haben diese Version {when} bestätigt.</translation>
        </message>
        <message>
            <source>You confirmed this version. {vendor} gets it when you are back.</source>
            <translation>Sie haben diese Version bestätigt. {vendor} erhält das, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>You have answered</source>
            <translation>Sie haben geantwortet</translation>
        </message>
        <message>
            <source>You have not opened this version yet.</source>
            <translation>Sie haben diese Version noch nicht geöffnet.</translation>
        </message>
        <message>
            <source>You signed in as {other}, but this account is {name}’s.</source>
            <translation>Sie haben sich als {other} angemeldet, aber dieses Konto gehört {name}.</translation>
        </message>
        <message>
            <source>You were signed out: the time to come back is over.</source>
            <translation>Sie wurden abgemeldet: Die Zeit zum Wiederkommen ist vorbei.</translation>
        </message>
        <message>
            <source>You were to answer by {when}</source>
            <translation>Sie sollten bis {when} antworten</translation>
        </message>
        <message>
            <source>You were to confirm by {day} that you have read this version.</source>
            <translation>Sie sollten bis {day} bestätigen, dass Sie diese Version gelesen haben.</translation>
        </message>
        <message>
            <source>You. {vendor} reads it.</source>
            <translation>Sie. {vendor} liest es.</translation>
        </message>
        <message>
            <source>Your IT department installed Counterpart and also brings new versions.</source>
            <translation>Ihre IT hat Counterpart installiert und bringt auch neue Versionen.</translation>
        </message>
        <message>
            <source>Your IT sets the policy GatewayAddress.</source>
            <translation>Ihre IT setzt die Richtlinie GatewayAddress.</translation>
        </message>
        <message>
            <source>Your access to {vendor}’s partner portal</source>
            <translation>Ihr Zugang zum Partnerportal von {vendor}</translation>
        </message>
        <message>
            <source>Your account is being erased from this computer</source>
            <translation>Ihr Konto wird von diesem Computer gelöscht</translation>
        </message>
        <message>
            <source>Your account was erased from this computer</source>
            <translation>Ihr Konto wurde von diesem Computer gelöscht</translation>
        </message>
        <message>
            <source>Your colleague {owner}</source>
            <translation>Im Kollegenkreis: {owner}</translation>
        </message>
        <message>
            <source>Your edit</source>
            <translation>Ihre Änderung</translation>
        </message>
        <message>
            <source>Your key store cannot be reached.</source>
            <translation>Ihr Schlüsselspeicher ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>Your key store is locked.</source>
            <translation>Ihr Schlüsselspeicher ist gesperrt.</translation>
        </message>
        <message>
            <source>Your organisation does not allow {gateway} on this computer.</source>
            <translation>Ihre Organisation erlaubt {gateway} auf diesem Computer nicht.</translation>
        </message>
        <message>
            <source>Your organisation has turned updates off ({source}).</source>
            <translation>Ihre Organisation hat Aktualisierungen abgeschaltet ({source}).</translation>
        </message>
        <message>
            <source>Your organisation has turned updates off.</source>
            <translation>Ihre Organisation hat Aktualisierungen abgeschaltet.</translation>
        </message>
        <message>
            <source>Your organisation set it (Proxy). Have IT correct it, or set it to “system”.</source>
            <translation>Die Organisation hat ihn festgelegt (Proxy). Die IT bitten, ihn zu berichtigen oder auf „system“ zu setzen.</translation>
        </message>
        <message>
            <source>Your organisation set the limit for documents on this computer.</source>
            <translation>Ihre Organisation hat die Grenze für Dokumente auf diesem Computer festgelegt.</translation>
        </message>
        <message>
            <source>Your role does not add {what}.</source>
            <translation>Ihre Rolle darf nichts hinzufügen unter: {what}.</translation>
        </message>
        <message>
            <source>Your session has ended.</source>
            <translation>Ihre Sitzung ist beendet.</translation>
        </message>
        <message>
            <source>Your time at this screen is over.</source>
            <translation>Ihre Zeit an diesem Bildschirm ist vorbei.</translation>
        </message>
        <message>
            <source>Your turn</source>
            <translation>Sie sind dran</translation>
        </message>
        <message>
            <source>Your turn since {time}</source>
            <translation>Sie sind dran seit {time}</translation>
        </message>
        <message>
            <source>Your version is kept here.</source>
            <translation>Ihre Fassung bleibt hier.</translation>
        </message>
        <message>
            <source>a change</source>
            <translation>eine Änderung</translation>
        </message>
        <message>
            <source>a key that is not known here</source>
            <translation>ein Schlüssel, der hier nicht bekannt ist</translation>
        </message>
        <message>
            <source>a list of addresses</source>
            <translation>eine Liste von Adressen</translation>
        </message>
        <message>
            <source>a list of at most {count} addresses</source>
            <translation>eine Liste von höchstens {count} Adressen</translation>
        </message>
        <message>
            <source>a whole number from {least} to {most}</source>
            <translation>eine ganze Zahl von {least} bis {most}</translation>
        </message>
        <message>
            <source>action required</source>
            <translation>Handlung nötig</translation>
        </message>
        <message>
            <source>addresses such as https://portal.vendor.example</source>
            <translation>Adressen wie https://portal.vendor.example</translation>
        </message>
        <message>
            <source>addresses such as https://portal.vendor.example, which “{one}” is not</source>
            <translation>Adressen wie https://portal.vendor.example; „{one}“ ist keine</translation>
        </message>
        <message numerus="yes">
            <source>after its %n files</source>
            <translation>
                <numerusform>nach ihrer Datei</numerusform>
                <numerusform>nach ihren %n Dateien</numerusform>
            </translation>
        </message>
        <message>
            <source>an address such as http://name:password@proxy.corp.example:8080, in name and password @ as %40, : as %3A, / as %2F, # as %23, % as %25</source>
            <translation>eine Adresse wie http://name:kennwort@proxy.corp.example:8080, in Name und Kennwort @ als %40, : als %3A, / als %2F, # als %23, % als %25</translation>
        </message>
        <message>
            <source>an address such as https://portal.vendor.example</source>
            <translation>eine Adresse wie https://portal.vendor.example</translation>
        </message>
        <message>
            <source>as of {since}</source>
            <translation>Stand {since}</translation>
        </message>
        <message>
            <source>as of {since} today</source>
            <translation>Stand {since} heute</translation>
        </message>
        <message>
            <source>as of {when}</source>
            <translation>Stand {when}</translation>
        </message>
        <message>
            <source>at most {count} characters, on one line</source>
            <translation>höchstens {count} Zeichen in einer Zeile</translation>
        </message>
        <message>
            <source>begun</source>
            <translation>begonnen</translation>
        </message>
        <message>
            <source>by hashing the stored bytes</source>
            <translation>durch Prüfen der gespeicherten Bytes</translation>
        </message>
        <message>
            <source>by the stored hashes</source>
            <translation>anhand der gespeicherten Prüfsummen</translation>
        </message>
        <message>
            <source>checked {when} in {seconds} s</source>
            <translation>geprüft {when} in {seconds} s</translation>
        </message>
        <message>
            <source>clock was ahead</source>
            <translation>Uhr ging vor</translation>
        </message>
        <message>
            <source>clock {span} ahead</source>
            <translation>Uhr ging {span} vor</translation>
        </message>
        <message>
            <source>clock {span} behind</source>
            <translation>Uhr ging {span} nach</translation>
        </message>
        <message>
            <source>conflict</source>
            <translation>Konflikt</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>Währung</translation>
        </message>
        <message>
            <source>due {day}</source>
            <translation>fällig {day}</translation>
        </message>
        <message numerus="yes">
            <source>ends in %n days</source>
            <translation>
                <numerusform>endet in %n Tag</numerusform>
                <numerusform>endet in %n Tagen</numerusform>
            </translation>
        </message>
        <message>
            <source>ends today</source>
            <translation>endet heute</translation>
        </message>
        <message>
            <source>fetched again; both sides are compared again soon</source>
            <translation>neu geholt; beide Seiten werden bald erneut verglichen</translation>
        </message>
        <message>
            <source>identical</source>
            <translation>identisch</translation>
        </message>
        <message>
            <source>it cannot be read by this user</source>
            <translation>dieser Benutzer darf es nicht lesen</translation>
        </message>
        <message>
            <source>it does not belong to root; as root: chown root:root</source>
            <translation>gehört nicht root; als root: chown root:root</translation>
        </message>
        <message>
            <source>it is a link, or cannot be read; put the file itself there</source>
            <translation>ist ein Verweis oder nicht lesbar; die Datei selbst dort ablegen</translation>
        </message>
        <message>
            <source>it is not TOML: {why}</source>
            <translation>ist kein TOML: {why}</translation>
        </message>
        <message>
            <source>it is not a file</source>
            <translation>ist keine Datei</translation>
        </message>
        <message>
            <source>it is not text in UTF-8; save it as that</source>
            <translation>sie ist kein Text in UTF-8; so speichern</translation>
        </message>
        <message>
            <source>it is too long</source>
            <translation>ist zu lang</translation>
        </message>
        <message>
            <source>its folder does not belong to root; as root: chown root:root {folder}</source>
            <translation>ihr Ordner gehört nicht root; als root: chown root:root {folder}</translation>
        </message>
        <message>
            <source>its folder is not a folder that can be read</source>
            <translation>der Ordner ist kein lesbarer Ordner</translation>
        </message>
        <message>
            <source>known here since {day}</source>
            <translation>hier bekannt seit {day}</translation>
        </message>
        <message>
            <source>never read completely</source>
            <translation>noch nie vollständig gelesen</translation>
        </message>
        <message>
            <source>not all identical</source>
            <translation>nicht alle identisch</translation>
        </message>
        <message>
            <source>not every user may enter its folder; as root: chmod 755 {folder}</source>
            <translation>nicht alle dürfen in ihren Ordner; als root: chmod 755 {folder}</translation>
        </message>
        <message>
            <source>not every user may read it; as root: chmod 644</source>
            <translation>nicht alle dürfen sie lesen; als root: chmod 644</translation>
        </message>
        <message>
            <source>not repaired: {what} still differ</source>
            <translation>nicht behoben: {what} weichen noch ab</translation>
        </message>
        <message>
            <source>not submitted</source>
            <translation>nicht eingereicht</translation>
        </message>
        <message numerus="yes">
            <source>offer ends in %n days</source>
            <translation>
                <numerusform>Angebot endet in %n Tag</numerusform>
                <numerusform>Angebot endet in %n Tagen</numerusform>
            </translation>
        </message>
        <message>
            <source>offer ends today</source>
            <translation>Angebot endet heute</translation>
        </message>
        <message>
            <source>on this computer</source>
            <translation>auf diesem Computer</translation>
        </message>
        <message>
            <source>on {day}</source>
            <translation>am {day}</translation>
        </message>
        <message>
            <source>on {day} at {time}</source>
            <translation>am {day} um {time}</translation>
        </message>
        <message>
            <source>one of {choices}</source>
            <translation>eines von {choices}</translation>
        </message>
        <message>
            <source>one value</source>
            <translation>ein einziger Wert</translation>
        </message>
        <message>
            <source>others than root may write it; as root: chmod go-w</source>
            <translation>nicht nur root darf schreiben; als root: chmod go-w</translation>
        </message>
        <message>
            <source>others than root may write its folder; as root: chmod go-w {folder}</source>
            <translation>andere als root dürfen in ihren Ordner schreiben; als root: chmod go-w {folder}</translation>
        </message>
        <message>
            <source>record</source>
            <translation>Datensatz</translation>
        </message>
        <message>
            <source>repaired</source>
            <translation>behoben</translation>
        </message>
        <message>
            <source>since {day}</source>
            <translation>seit {day}</translation>
        </message>
        <message>
            <source>stored bytes hashed afresh</source>
            <translation>gespeicherte Bytes neu geprüft</translation>
        </message>
        <message>
            <source>stored hashes compared</source>
            <translation>gespeicherte Prüfsummen verglichen</translation>
        </message>
        <message>
            <source>system, none, or an address such as http://proxy.corp.example:8080</source>
            <translation>system, none oder eine Adresse wie http://proxy.corp.example:8080</translation>
        </message>
        <message>
            <source>system, none, or an address such as http://proxy.corp.example:8080; SOCKS is not spoken</source>
            <translation>system, none oder eine Adresse wie http://proxy.corp.example:8080; SOCKS wird nicht unterstützt</translation>
        </message>
        <message>
            <source>system, none, or an address such as http://proxy.corp.example:8080; a script (PAC) is not run</source>
            <translation>system, none oder eine Adresse wie http://proxy.corp.example:8080; ein Skript (PAC) wird nicht ausgeführt</translation>
        </message>
        <message>
            <source>text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>the key store of your desktop</source>
            <translation>dem Schlüsselspeicher Ihres Desktops</translation>
        </message>
        <message>
            <source>the macOS keychain</source>
            <translation>dem macOS-Schlüsselbund</translation>
        </message>
        <message numerus="yes">
            <source>the same %n fields</source>
            <translation>
                <numerusform>dasselbe Feld</numerusform>
                <numerusform>dieselben %n Felder</numerusform>
            </translation>
        </message>
        <message>
            <source>the same field</source>
            <translation>dasselbe Feld</translation>
        </message>
        <message>
            <source>the same fields</source>
            <translation>dieselben Felder</translation>
        </message>
        <message>
            <source>the same website</source>
            <translation>dieselbe Website</translation>
        </message>
        <message>
            <source>the same website and product family</source>
            <translation>dieselbe Website und Produktfamilie</translation>
        </message>
        <message>
            <source>the sums of {things}</source>
            <translation>die Summen zu {things}</translation>
        </message>
        <message>
            <source>this computer’s clock</source>
            <translation>Uhr dieses Computers</translation>
        </message>
        <message>
            <source>this computer’s clock, which ran ahead</source>
            <translation>Uhr dieses Computers, die vorging</translation>
        </message>
        <message>
            <source>this computer’s clock, which was {span} ahead</source>
            <translation>Uhr dieses Computers, die {span} vorging</translation>
        </message>
        <message>
            <source>this computer’s clock, which was {span} behind</source>
            <translation>Uhr dieses Computers, die {span} nachging</translation>
        </message>
        <message>
            <source>today at {time}</source>
            <translation>heute um {time}</translation>
        </message>
        <message>
            <source>version {version}</source>
            <translation>Version {version}</translation>
        </message>
        <message>
            <source>waiting on you</source>
            <translation>wartet auf Sie</translation>
        </message>
        <message>
            <source>was due {day}</source>
            <translation>war fällig {day}</translation>
        </message>
        <message>
            <source>was {old}</source>
            <translation>vorher {old}</translation>
        </message>
        <message>
            <source>whole addresses such as https://portal.vendor.example; * stands for nothing</source>
            <translation>ganze Adressen wie https://portal.vendor.example; * steht für nichts</translation>
        </message>
        <message>
            <source>your turn</source>
            <translation>Sie sind dran</translation>
        </message>
        <message>
            <source>{amount} to pay</source>
            <translation>{amount} zu zahlen</translation>
        </message>
        <message>
            <source>{count} {things}</source>
            <translation>{count} {things}</translation>
        </message>
        <message>
            <source>{day} or earlier.</source>
            <translation>{day} oder früher.</translation>
        </message>
        <message>
            <source>{day} or later.</source>
            <translation>{day} oder später.</translation>
        </message>
        <message>
            <source>{documents} · {kept} kept offline, {size}</source>
            <translation>{documents} · {kept} offline verfügbar, {size}</translation>
        </message>
        <message>
            <source>{field} empty</source>
            <translation>{field} leer</translation>
        </message>
        <message>
            <source>{field} filled in</source>
            <translation>{field} ausgefüllt</translation>
        </message>
        <message>
            <source>{field} has passed</source>
            <translation>{field} ist vorbei</translation>
        </message>
        <message>
            <source>{field} not {values}</source>
            <translation>{field} nicht {values}</translation>
        </message>
        <message numerus="yes">
            <source>{field} within %n days</source>
            <translation>
                <numerusform>{field} innerhalb von %n Tag</numerusform>
                <numerusform>{field} innerhalb von %n Tagen</numerusform>
            </translation>
        </message>
        <message>
            <source>{field}: {values}</source>
            <translation>{field}: {values}</translation>
        </message>
        <message>
            <source>{first} and {second}</source>
            <translation>{first} und {second}</translation>
        </message>
        <message>
            <source>{first} to {last} days</source>
            <translation>{first} bis {last} Tage</translation>
        </message>
        <message>
            <source>{first}, {second}</source>
            <translation>{first}, {second}</translation>
        </message>
        <message>
            <source>{free} are free.</source>
            <translation>{free} sind frei.</translation>
        </message>
        <message>
            <source>{host} is known here.</source>
            <translation>{host} ist hier bekannt.</translation>
        </message>
        <message>
            <source>{host} is not known here; the proxy looks it up.</source>
            <translation>{host} ist hier nicht bekannt; der Proxy schlägt ihn nach.</translation>
        </message>
        <message>
            <source>{hours} h {minutes} m</source>
            <translation>{hours} h {minutes} min</translation>
        </message>
        <message>
            <source>{inner} in {place} stands below {key}, where it is not read; put it one level up.</source>
            <translation>{inner} in {place} steht unter {key}, wo es nicht gelesen wird; eine Ebene höher setzen.</translation>
        </message>
        <message>
            <source>{jobs} · {due} due today</source>
            <translation>{jobs} · {due} heute fällig</translation>
        </message>
        <message>
            <source>{key} in {place} is not known to this version.</source>
            <translation>{key} in {place} kennt diese Version nicht.</translation>
        </message>
        <message>
            <source>{key} in {place} is not known; is {meant} meant?</source>
            <translation>{key} in {place} ist unbekannt; ist {meant} gemeint?</translation>
        </message>
        <message>
            <source>{key} in {place} is not understood; expected: {expected}.</source>
            <translation>{key} in {place} ist nicht zu verstehen; erwartet wird: {expected}.</translation>
        </message>
        <message>
            <source>{key} in {place} is “{value}”, which is not understood; expected: {expected}.</source>
            <translation>{key} in {place} ist „{value}“, was nicht zu verstehen ist; erwartet wird: {expected}.</translation>
        </message>
        <message>
            <source>{kind}: {title}</source>
            <translation>{kind}: {title}</translation>
        </message>
        <message>
            <source>{labels} changed</source>
            <translation>{labels} geändert</translation>
        </message>
        <message>
            <source>{label} changed</source>
            <translation>{label} geändert</translation>
        </message>
        <message>
            <source>{label} deleted</source>
            <translation>{label} gelöscht</translation>
        </message>
        <message>
            <source>{label} is set by the vendor.</source>
            <translation>{label} wird vom Anbieter festgelegt.</translation>
        </message>
        <message>
            <source>{label} last read at {since}{stale}</source>
            <translation>{label} zuletzt gelesen um {since}{stale}</translation>
        </message>
        <message>
            <source>{label} last read at {time}.</source>
            <translation>{label} zuletzt gelesen um {time}.</translation>
        </message>
        <message>
            <source>{label} submitted</source>
            <translation>{label} eingereicht</translation>
        </message>
        <message>
            <source>{label} · not submitted · saved {when}</source>
            <translation>{label} · nicht eingereicht · {when} gespeichert</translation>
        </message>
        <message>
            <source>{least} to {most}</source>
            <translation>{least} bis {most}</translation>
        </message>
        <message>
            <source>{least} to {most} characters.</source>
            <translation>{least} bis {most} Zeichen.</translation>
        </message>
        <message>
            <source>{minutes} m</source>
            <translation>{minutes} min</translation>
        </message>
        <message>
            <source>{name} is {level} since {day}, so you see it.</source>
            <translation>{name} ist seit {day} {level}, deshalb sehen Sie es.</translation>
        </message>
        <message>
            <source>{name} is {level}, so you see it.</source>
            <translation>{name} ist {level}, deshalb sehen Sie es.</translation>
        </message>
        <message>
            <source>{name}, time zone {zone}.</source>
            <translation>{name}, Zeitzone {zone}.</translation>
        </message>
        <message numerus="yes">
            <source>{others} stay as they are.</source>
            <translation>
                <numerusform>{others} bleibt, wie es ist.</numerusform>
                <numerusform>{others} bleiben, wie sie sind.</numerusform>
            </translation>
        </message>
        <message>
            <source>{part} of {whole} {unit}</source>
            <translation>{part} von {whole} {unit}</translation>
        </message>
        <message>
            <source>{place}: {why}</source>
            <translation>{place}: {why}</translation>
        </message>
        <message>
            <source>{prefix}{what} by you</source>
            <translation>{prefix}{what} von Ihnen</translation>
        </message>
        <message>
            <source>{quoted} Your value is kept here.</source>
            <translation>{quoted} Ihr Wert bleibt hier.</translation>
        </message>
        <message>
            <source>{records} in {buckets} buckets of {sizes}</source>
            <translation>{records} in {buckets} Abschnitten zu {sizes}</translation>
        </message>
        <message>
            <source>{same} of {total} buckets identical</source>
            <translation>{same} von {total} Abschnitten identisch</translation>
        </message>
        <message>
            <source>{since} by this computer’s clock, which is {span} ahead</source>
            <translation>{since} nach der Uhr dieses Computers, die {span} vorgeht</translation>
        </message>
        <message>
            <source>{since} by this computer’s clock, which is {span} behind</source>
            <translation>{since} nach der Uhr dieses Computers, die {span} nachgeht</translation>
        </message>
        <message>
            <source>{size}, compared {how} at {exact}.</source>
            <translation>{size}, verglichen {how} um {exact}.</translation>
        </message>
        <message>
            <source>{size}, was {before}</source>
            <translation>{size}, vorher {before}</translation>
        </message>
        <message>
            <source>{size}; a passphrase protects it, so nobody looked inside.</source>
            <translation>{size}; eine Passphrase schützt ihn, deshalb blieb er zu.</translation>
        </message>
        <message>
            <source>{size}; it opens and is whole.</source>
            <translation>{size}; er öffnet sich und ist unversehrt.</translation>
        </message>
        <message>
            <source>{size}; it opens. There was no time to look at all of it.</source>
            <translation>{size}; er öffnet sich. Für alles war keine Zeit.</translation>
        </message>
        <message>
            <source>{text}, receipt {receipt}</source>
            <translation>{text}, Beleg {receipt}</translation>
        </message>
        <message>
            <source>{tiers} partners</source>
            <translation>Partner im Rang {tiers}</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>{time} übrig</translation>
        </message>
        <message>
            <source>{time} over</source>
            <translation>{time} überfällig</translation>
        </message>
        <message>
            <source>{title} is out</source>
            <translation>Neu: {title}</translation>
        </message>
        <message>
            <source>{title} · quoted {amount}</source>
            <translation>{title} · Angebot {amount}</translation>
        </message>
        <message>
            <source>{vendor} answers by {when}</source>
            <translation>{vendor} antwortet bis {when}</translation>
        </message>
        <message>
            <source>{vendor} asks for more</source>
            <translation>{vendor} fragt nach</translation>
        </message>
        <message>
            <source>{vendor} changed it back: your edit fits again. {kept}</source>
            <translation>{vendor} hat es zurückgeändert: Ihre Änderung passt wieder. {kept}</translation>
        </message>
        <message>
            <source>{vendor} changed this again while you decided.</source>
            <translation>{vendor} hat das noch einmal geändert, während Sie entschieden.</translation>
        </message>
        <message>
            <source>{vendor} decides this.</source>
            <translation>Das entscheidet {vendor}.</translation>
        </message>
        <message>
            <source>{vendor} deleted this while you edited it</source>
            <translation>{vendor} hat das gelöscht, während Sie es bearbeiteten</translation>
        </message>
        <message>
            <source>{vendor} gives no reason.</source>
            <translation>{vendor} nennt keinen Grund.</translation>
        </message>
        <message>
            <source>{vendor} has not written what changed.</source>
            <translation>{vendor} hat nicht geschrieben, was sich geändert hat.</translation>
        </message>
        <message numerus="yes">
            <source>{vendor} locked %n fields that you changed. {kept}</source>
            <translation>
                <numerusform>{vendor} hat %n Feld gesperrt, das Sie geändert haben. {kept}</numerusform>
                <numerusform>{vendor} hat %n Felder gesperrt, die Sie geändert haben. {kept}</numerusform>
            </translation>
        </message>
        <message>
            <source>{vendor} returned “{what}”</source>
            <translation>{vendor} hat „{what}“ zurückgegeben</translation>
        </message>
        <message>
            <source>{vendor} was to answer by {when}</source>
            <translation>{vendor} sollte bis {when} antworten</translation>
        </message>
        <message>
            <source>{vendor}. You read it.</source>
            <translation>{vendor}. Sie lesen es.</translation>
        </message>
        <message>
            <source>{vendor}’s CRM</source>
            <translation>CRM von {vendor}</translation>
        </message>
        <message>
            <source>{vendor}’s CRM: “{said}”</source>
            <translation>CRM von {vendor}: „{said}“</translation>
        </message>
        <message>
            <source>{vendor}’s CRM: “{said}” Your draft is kept here.</source>
            <translation>CRM von {vendor}: „{said}“ Ihr Entwurf bleibt hier.</translation>
        </message>
        <message>
            <source>{vendor}’s gateway keeps it.</source>
            <translation>Das Gateway von {vendor} bewahrt ihn auf.</translation>
        </message>
        <message>
            <source>{vendor}’s gateway keeps it; it is fetched and checked when you are online.</source>
            <translation>Das Gateway von {vendor} bewahrt ihn auf; er wird geholt und geprüft, sobald Sie online sind.</translation>
        </message>
        <message>
            <source>{vendor}’s gateway’s clock</source>
            <translation>Uhr des Gateways von {vendor}</translation>
        </message>
        <message>
            <source>{vendor}’s turn</source>
            <translation>{vendor} ist dran</translation>
        </message>
        <message>
            <source>{vendor}’s turn since {time}</source>
            <translation>{vendor} ist dran seit {time}</translation>
        </message>
        <message>
            <source>{vendor}’s version stays</source>
            <translation>Die Fassung von {vendor} bleibt</translation>
        </message>
        <message>
            <source>{waiting} not answered</source>
            <translation>{waiting} offen</translation>
        </message>
        <message>
            <source>{what} You can go on; {vendor} decides. As of {moment}.</source>
            <translation>{what} Sie können weitermachen; {vendor} entscheidet. Stand {moment}.</translation>
        </message>
        <message>
            <source>{what} at {vendor}</source>
            <translation>{what} bei {vendor}</translation>
        </message>
        <message>
            <source>{what} by you</source>
            <translation>{what} von Ihnen</translation>
        </message>
        <message>
            <source>{what} by {who}</source>
            <translation>{what} von {who}</translation>
        </message>
        <message>
            <source>{what} has not reached {vendor} and would be lost for good.</source>
            <translation>{what} hat {vendor} nicht erreicht und wäre endgültig verloren.</translation>
        </message>
        <message>
            <source>{what} have not reached {vendor} and would be lost for good.</source>
            <translation>{what} haben {vendor} nicht erreicht und wären endgültig verloren.</translation>
        </message>
        <message>
            <source>{what} on {name}</source>
            <translation>{what} bei {name}</translation>
        </message>
        <message>
            <source>{what} on {place}</source>
            <translation>{what} zu {place}</translation>
        </message>
        <message>
            <source>{what}. What you typed is kept here until you decide.</source>
            <translation>{what}. Was Sie eingegeben haben, bleibt hier, bis Sie entscheiden.</translation>
        </message>
        <message>
            <source>{what}: {count}</source>
            <translation>{what}: {count}</translation>
        </message>
        <message>
            <source>{what}: {stage}, received from {vendor}</source>
            <translation>{what}: {stage}, erhalten von {vendor}</translation>
        </message>
        <message>
            <source>{who} answered</source>
            <translation>{who} hat geantwortet</translation>
        </message>
        <message>
            <source>{who} changed {same}{when}.</source>
            <translation>{who} hat {same}{when} geändert.</translation>
        </message>
        <message>
            <source>{who} deleted this while you edited it.</source>
            <translation>{who} hat das gelöscht, während Sie es bearbeiteten.</translation>
        </message>
        <message>
            <source>{who} ordered it, and it was done on {day}.</source>
            <translation>{who} hat es angeordnet; erledigt am {day}.</translation>
        </message>
        <message>
            <source>{who} ordered it.</source>
            <translation>{who} hat es angeordnet.</translation>
        </message>
        <message>
            <source>{who} registered {what}{protected}. You can still submit; {vendor} decides when it arrives.</source>
            <translation>{who}: bereits registriert für {what}{protected}. Sie können trotzdem einreichen; {vendor} entscheidet, wenn es ankommt.</translation>
        </message>
        <message>
            <source>{why} called {wanted}.</source>
            <translation>{why}: {wanted}.</translation>
        </message>
        <message>
            <source>{width} × {height} at {scale} %.</source>
            <translation>{width} × {height} bei {scale} %.</translation>
        </message>
        <message>
            <source>“{command}” no longer fits: this {what} is {state} now.</source>
            <translation>„{command}“ passt nicht mehr: {what} steht jetzt auf „{state}“.</translation>
        </message>
        <message>
            <source>“{issuer}” vouches for it, whom this computer does not trust.</source>
            <translation>„{issuer}“ bürgt dafür, und dieser Stelle vertraut der Computer nicht.</translation>
        </message>
        <message>
            <source>“{label}”</source>
            <translation>„{label}“</translation>
        </message>
        <message>
            <source>“{name}” cannot be read.</source>
            <translation>„{name}“ ist nicht lesbar.</translation>
        </message>
        <message>
            <source>“{name}” could not be saved there.</source>
            <translation>„{name}“ konnte dort nicht gespeichert werden.</translation>
        </message>
        <message>
            <source>“{name}” is empty.</source>
            <translation>„{name}“ ist leer.</translation>
        </message>
        <message>
            <source>“{name}” is more than 50 MB.</source>
            <translation>„{name}“ hat mehr als 50 MB.</translation>
        </message>
        <message>
            <source>“{name}” is no longer on this computer.</source>
            <translation>„{name}“ ist nicht mehr auf diesem Computer.</translation>
        </message>
        <message>
            <source>“{name}” is not a file.</source>
            <translation>„{name}“ ist keine Datei.</translation>
        </message>
        <message>
            <source>“{name}” is {size}.</source>
            <translation>„{name}“ hat {size}.</translation>
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>About</source>
            <translation>Über</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Konto</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>Darstellung</translation>
        </message>
        <message>
            <source>Check</source>
            <translation>Prüfen</translation>
        </message>
        <message>
            <source>Check this computer</source>
            <translation>Diesen Computer prüfen</translation>
        </message>
        <message>
            <source>Clear space</source>
            <translation>Platz schaffen</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Company</source>
            <translation>Firma</translation>
        </message>
        <message>
            <source>Contrast</source>
            <translation>Kontrast</translation>
        </message>
        <message>
            <source>Counterpart {version}</source>
            <translation>Counterpart {version}</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <source>Dates, amounts and figures follow it.</source>
            <translation>Datum, Beträge und Zahlen richten sich danach.</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Documents offline</source>
            <translation>Dokumente offline</translation>
        </message>
        <message>
            <source>Documents take what they need</source>
            <translation>Dokumente nehmen, was sie brauchen</translation>
        </message>
        <message>
            <source>Documents take {size} at most</source>
            <translation>Dokumente nehmen höchstens {size}</translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation>E-Mail</translation>
        </message>
        <message>
            <source>Ended; sign in again from the banner</source>
            <translation>Beendet; melden Sie sich über die Leiste oben wieder an</translation>
        </message>
        <message>
            <source>Ends the session and deletes everything of this account from this computer.</source>
            <translation>Beendet die Sitzung und löscht alles von diesem Konto von diesem Computer.</translation>
        </message>
        <message>
            <source>Every current price list, data sheet and agreement is kept.</source>
            <translation>Jede aktuelle Preisliste, jedes Datenblatt und jeder Vertrag bleibt verfügbar.</translation>
        </message>
        <message>
            <source>Everything has reached {vendor}.</source>
            <translation>Alles hat {vendor} erreicht.</translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}. The file is not encrypted.</source>
            <translation>Exportiert als {name} in {folder}. Die Datei ist nicht verschlüsselt.</translation>
        </message>
        <message>
            <source>Followed at once.</source>
            <translation>Gilt sofort.</translation>
        </message>
        <message>
            <source>Gateway</source>
            <translation>Gateway</translation>
        </message>
        <message>
            <source>Keep these</source>
            <translation>Diese behalten</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Licences</source>
            <translation>Lizenzen</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Light, dark, high contrast, or as the system is set.</source>
            <translation>Hell, dunkel, hoher Kontrast oder wie das System eingestellt ist.</translation>
        </message>
        <message>
            <source>Limit for documents</source>
            <translation>Grenze für Dokumente</translation>
        </message>
        <message>
            <source>Looks at network, certificate, clock, key store, disk and stores.</source>
            <translation>Prüft Netz, Zertifikat, Uhr, Schlüsselspeicher, Festplatte und Speicher.</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>No document takes room here.</source>
            <translation>Kein Dokument belegt hier Platz.</translation>
        </message>
        <message>
            <source>No limit</source>
            <translation>Keine Grenze</translation>
        </message>
        <message>
            <source>No price list, data sheet or agreement is shared with you yet.</source>
            <translation>Noch ist keine Preisliste, kein Datenblatt und kein Vertrag für Sie freigegeben.</translation>
        </message>
        <message>
            <source>Not sent yet</source>
            <translation>Noch nicht gesendet</translation>
        </message>
        <message>
            <source>Nothing to clear: every copy here is kept or unsent.</source>
            <translation>Nichts zu löschen: Jede Kopie hier ist behalten oder nicht gesendet.</translation>
        </message>
        <message>
            <source>Off, and it cannot be turned on: nothing is reported to anybody.</source>
            <translation>Aus und nicht einzuschalten: Niemandem wird etwas berichtet.</translation>
        </message>
        <message>
            <source>Open the sync centre</source>
            <translation>Sync-Zentrale öffnen</translation>
        </message>
        <message>
            <source>Price lists, data sheets and agreements: {count} files, {size}.</source>
            <translation>Preislisten, Datenblätter und Verträge: {count} Dateien, {size}.</translation>
        </message>
        <message>
            <source>Protection</source>
            <translation>Schutz</translation>
        </message>
        <message>
            <source>Qt for Python under the LGPL, the Inter typeface, Tabler icons and others.</source>
            <translation>Qt for Python unter der LGPL, die Schrift Inter, Tabler-Icons und anderes.</translation>
        </message>
        <message>
            <source>Reporting</source>
            <translation>Berichte</translation>
        </message>
        <message>
            <source>Role</source>
            <translation>Rolle</translation>
        </message>
        <message>
            <source>Session</source>
            <translation>Sitzung</translation>
        </message>
        <message>
            <source>Set by your organisation</source>
            <translation>Von Ihrer Organisation festgelegt</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Signed in</source>
            <translation>Angemeldet</translation>
        </message>
        <message>
            <source>Storage</source>
            <translation>Speicher</translation>
        </message>
        <message>
            <source>System</source>
            <translation>System</translation>
        </message>
        <message>
            <source>The least recently used go first; what is kept or unsent stays.</source>
            <translation>Am längsten Ungenutztes geht zuerst; Behaltenes und nicht Gesendetes bleibt.</translation>
        </message>
        <message>
            <source>There is nothing to keep yet.</source>
            <translation>Noch gibt es nichts zu behalten.</translation>
        </message>
        <message>
            <source>They are kept already.</source>
            <translation>Sie sind bereits behalten.</translation>
        </message>
        <message>
            <source>They are pulled now</source>
            <translation>Sie werden jetzt geladen</translation>
        </message>
        <message>
            <source>They are pulled when you are back</source>
            <translation>Sie werden geladen, wenn Sie wieder online sind</translation>
        </message>
        <message>
            <source>This computer</source>
            <translation>Dieser Computer</translation>
        </message>
        <message>
            <source>Vendor</source>
            <translation>Anbieter</translation>
        </message>
        <message>
            <source>When something does not work</source>
            <translation>Wenn etwas nicht geht</translation>
        </message>
        <message>
            <source>{size} freed. What is kept or unsent stays.</source>
            <translation>{size} frei geworden. Behaltenes und nicht Gesendetes bleibt.</translation>
        </message>
        <message>
            <source>{used} in all: documents {documents}, records {records}, unsent {unsent}. {free} free on disk.</source>
            <translation>{used} insgesamt: Dokumente {documents}, Datensätze {records}, nicht gesendet {unsent}. {free} frei auf der Festplatte.</translation>
        </message>
        <message>
            <source>{used} of {limit} used.</source>
            <translation>{used} von {limit} belegt.</translation>
        </message>
        <message>
            <source>{used} used, over {limit}: what is kept alone takes more.</source>
            <translation>{used} belegt, mehr als {limit}: Schon das Behaltene braucht mehr.</translation>
        </message>
        <message>
            <source>{words}; {size} freed</source>
            <translation>{words}; {size} frei geworden</translation>
        </message>
    </context>
    <context>
        <name>ShipmentPart</name>
        <message>
            <source>Copy the tracking number</source>
            <translation>Sendungsnummer kopieren</translation>
        </message>
        <message>
            <source>Delivered {day}</source>
            <translation>Geliefert {day}</translation>
        </message>
        <message>
            <source>Follow the shipment</source>
            <translation>Sendung verfolgen</translation>
        </message>
        <message>
            <source>Nothing on this computer opens the carrier's page.</source>
            <translation>Nichts auf diesem Computer öffnet die Seite des Spediteurs.</translation>
        </message>
        <message>
            <source>Opens {host} in your browser</source>
            <translation>Öffnet {host} in Ihrem Browser</translation>
        </message>
        <message>
            <source>Shipment</source>
            <translation>Sendung</translation>
        </message>
        <message>
            <source>Shipped</source>
            <translation>Versandt</translation>
        </message>
        <message>
            <source>Shipped {day}</source>
            <translation>Versandt {day}</translation>
        </message>
        <message>
            <source>This address is no https address, so it is not opened from here.</source>
            <translation>Diese Adresse ist keine https-Adresse und wird von hier nicht geöffnet.</translation>
        </message>
        <message>
            <source>You are offline. The carrier's page opens when you are back.</source>
            <translation>Sie sind offline. Die Seite des Spediteurs öffnet sich, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>{count} of {all} lines</source>
            <translation>{count} von {all} Positionen</translation>
        </message>
        <message>
            <source>{number} copied</source>
            <translation>{number} kopiert</translation>
        </message>
    </context>
    <context>
        <name>SidePane</name>
        <message>
            <source>About this request</source>
            <translation>Über diese Anfrage</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>Antwort</translation>
        </message>
        <message>
            <source>Answer due</source>
            <translation>Antwort fällig</translation>
        </message>
        <message>
            <source>The time {vendor} has stands still.</source>
            <translation>Die Frist von {vendor} ruht.</translation>
        </message>
        <message>
            <source>Time that has passed</source>
            <translation>Verstrichene Zeit</translation>
        </message>
    </context>
    <context>
        <name>SideValue</name>
        <message>
            <source>Edit {field}</source>
            <translation>{field} bearbeiten</translation>
        </message>
    </context>
    <context>
        <name>SidesTable</name>
        <message>
            <source>1 row differs</source>
            <translation>1 Zeile weicht ab</translation>
        </message>
        <message>
            <source>Both views</source>
            <translation>Beide Sichten</translation>
        </message>
        <message>
            <source>Edit yours</source>
            <translation>Ihre bearbeiten</translation>
        </message>
        <message>
            <source>Nothing differs</source>
            <translation>Nichts weicht ab</translation>
        </message>
        <message>
            <source>differs</source>
            <translation>weicht ab</translation>
        </message>
        <message>
            <source>{count} rows differ</source>
            <translation>{count} Zeilen weichen ab</translation>
        </message>
    </context>
    <context>
        <name>SignOutDialog</name>
        <message>
            <source>Export what is not sent</source>
            <translation>Nicht Gesendetes exportieren</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Sign out and remove this account from this computer?</source>
            <translation>Abmelden und dieses Konto von diesem Computer entfernen?</translation>
        </message>
        <message>
            <source>Stay signed in</source>
            <translation>Angemeldet bleiben</translation>
        </message>
    </context>
    <context>
        <name>StageBar</name>
        <message>
            <source>Nothing to show</source>
            <translation>Nichts zu zeigen</translation>
        </message>
    </context>
    <context>
        <name>StageTable</name>
        <message>
            <source>All</source>
            <translation>Alle</translation>
        </message>
        <message>
            <source>Stage</source>
            <translation>Stufe</translation>
        </message>
        <message>
            <source>{things} by stage, as a table</source>
            <translation>{things} nach Stufe, als Tabelle</translation>
        </message>
    </context>
    <context>
        <name>Standing</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Sign in in the browser that has opened. Everything you entered is kept here.</source>
            <translation>Melden Sie sich im geöffneten Browser an. Alles, was Sie eingegeben haben, bleibt hier.</translation>
        </message>
    </context>
    <context>
        <name>StandingLine</name>
        <message>
            <source>A newer version holds now. This one stays readable.</source>
            <translation>Jetzt gilt eine neuere Version. Diese bleibt lesbar.</translation>
        </message>
        <message>
            <source>It holds no more. It stays readable, but do not rely on it.</source>
            <translation>Es gilt nicht mehr. Es bleibt lesbar, aber verlassen Sie sich nicht darauf.</translation>
        </message>
        <message>
            <source>Open it</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open {version}</source>
            <translation>{version} öffnen</translation>
        </message>
    </context>
    <context>
        <name>StepButton</name>
        <message>
            <source>{step}, done</source>
            <translation>{step}, erledigt</translation>
        </message>
    </context>
    <context>
        <name>StepList</name>
        <message>
            <source>Steps</source>
            <translation>Schritte</translation>
        </message>
    </context>
    <context>
        <name>StepRow</name>
        <message>
            <source>Step {number}: {title}</source>
            <translation>Schritt {number}: {title}</translation>
        </message>
    </context>
    <context>
        <name>Stepper</name>
        <message>
            <source>All {count} stages passed</source>
            <translation>Alle {count} Stufen durchlaufen</translation>
        </message>
        <message>
            <source>Stage {number} of {count}: {stage}</source>
            <translation>Stufe {number} von {count}: {stage}</translation>
        </message>
    </context>
    <context>
        <name>StorageBar</name>
        <message>
            <source>Storage</source>
            <translation>Speicher</translation>
        </message>
    </context>
    <context>
        <name>StorageSection</name>
        <message>
            <source>Change</source>
            <translation>Ändern</translation>
        </message>
        <message>
            <source>Change how much documents may take</source>
            <translation>Ändern, wie viel Dokumente belegen dürfen</translation>
        </message>
        <message>
            <source>Change the limit for documents</source>
            <translation>Grenze für Dokumente ändern</translation>
        </message>
        <message>
            <source>Clear space</source>
            <translation>Platz schaffen</translation>
        </message>
        <message>
            <source>Clearing never touches what is kept or unsent.</source>
            <translation>Behaltenes und nicht Gesendetes wird dabei nie gelöscht.</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Dokumente</translation>
        </message>
        <message>
            <source>Documents: {limit} at most</source>
            <translation>Dokumente: höchstens {limit}</translation>
        </message>
        <message>
            <source>Free</source>
            <translation>Frei</translation>
        </message>
        <message>
            <source>No document takes room here.</source>
            <translation>Kein Dokument belegt hier Platz.</translation>
        </message>
        <message>
            <source>No limit for documents</source>
            <translation>Keine Grenze für Dokumente</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>Datensätze</translation>
        </message>
        <message>
            <source>Storage</source>
            <translation>Speicher</translation>
        </message>
        <message>
            <source>Unsent</source>
            <translation>Nicht gesendet</translation>
        </message>
        <message>
            <source>{size}, encrypted</source>
            <translation>{size}, verschlüsselt</translation>
        </message>
    </context>
    <context>
        <name>SuggestionsPane</name>
        <message>
            <source>All suggestions</source>
            <translation>Alle Vorschläge</translation>
        </message>
        <message>
            <source>Found on this computer. Your text stays here.</source>
            <translation>Auf diesem Computer gefunden. Ihr Text bleibt hier.</translation>
        </message>
        <message>
            <source>May already be answered</source>
            <translation>Vielleicht schon beantwortet</translation>
        </message>
        <message>
            <source>Open in its place</source>
            <translation>An seinem Platz öffnen</translation>
        </message>
        <message>
            <source>You opened 1 of them. Go on if it did not help.</source>
            <translation>Einen davon haben Sie geöffnet. Machen Sie weiter, wenn er nicht geholfen hat.</translation>
        </message>
        <message>
            <source>You opened {count} of them. Go on if they did not help.</source>
            <translation>{count} davon haben Sie geöffnet. Machen Sie weiter, wenn sie nicht geholfen haben.</translation>
        </message>
    </context>
    <context>
        <name>SyncCentrePage</name>
        <message>
            <source>A proof is under way.</source>
            <translation>Ein Nachweis läuft.</translation>
        </message>
        <message>
            <source>Comparing with the gateway</source>
            <translation>Vergleich mit dem Gateway</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Discard “{what}”?</source>
            <translation>„{what}“ verwerfen?</translation>
        </message>
        <message>
            <source>Draft discarded</source>
            <translation>Entwurf verworfen</translation>
        </message>
        <message>
            <source>Every stored record is hashed afresh and compared bucket by bucket.</source>
            <translation>Jeder gespeicherte Datensatz wird neu geprüft und Abschnitt für Abschnitt verglichen.</translation>
        </message>
        <message>
            <source>Exported as {name} in {folder}. The file is not encrypted.</source>
            <translation>Exportiert als {name} in {folder}. Die Datei ist nicht verschlüsselt.</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Not compared yet</source>
            <translation>Noch nicht verglichen</translation>
        </message>
        <message>
            <source>Nothing has changed since. Prove now compares again.</source>
            <translation>Seitdem hat sich nichts geändert. „Jetzt nachweisen“ vergleicht noch einmal.</translation>
        </message>
        <message>
            <source>Nothing to clear: every copy here is kept or unsent.</source>
            <translation>Nichts zu löschen: Jede Kopie hier ist behalten oder nicht gesendet.</translation>
        </message>
        <message>
            <source>Prove now</source>
            <translation>Jetzt nachweisen</translation>
        </message>
        <message>
            <source>Prove now hashes what is stored here and compares it with the gateway.</source>
            <translation>„Jetzt nachweisen“ prüft, was hier gespeichert ist, und vergleicht es mit dem Gateway.</translation>
        </message>
        <message>
            <source>Proven identical at {time}</source>
            <translation>Identisch nachgewiesen um {time}</translation>
        </message>
        <message>
            <source>Sending what waits</source>
            <translation>Wartendes wird gesendet</translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation>Sync-Zentrale</translation>
        </message>
        <message>
            <source>The first sync is still under way.</source>
            <translation>Die erste Synchronisierung läuft noch.</translation>
        </message>
        <message>
            <source>What you entered is deleted from this computer.</source>
            <translation>Das Eingegebene wird auf diesem Computer gelöscht.</translation>
        </message>
        <message>
            <source>What you entered is deleted from this computer. Export it first if you want to keep it.</source>
            <translation>Was Sie eingegeben haben, wird von diesem Computer gelöscht. Exportieren Sie es vorher, wenn Sie es behalten möchten.</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>Offline arbeiten</translation>
        </message>
        <message>
            <source>You are offline. Both sides can be compared when you are back.</source>
            <translation>Sie sind offline. Beide Seiten lassen sich vergleichen, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>under way</source>
            <translation>läuft</translation>
        </message>
        <message>
            <source>{size} freed. What is kept or unsent stays.</source>
            <translation>{size} frei geworden. Behaltenes und nicht Gesendetes bleibt.</translation>
        </message>
    </context>
    <context>
        <name>SystemsSection</name>
        <message>
            <source>all reached</source>
            <translation>alle erreicht</translation>
        </message>
        <message>
            <source>{count} not reached</source>
            <translation>{count} nicht erreicht</translation>
        </message>
        <message>
            <source>{vendor}'s systems</source>
            <translation>Systeme von {vendor}</translation>
        </message>
    </context>
    <context>
        <name>TableDelegate</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
    </context>
    <context>
        <name>TableTools</name>
        <message>
            <source>Choose columns…</source>
            <translation>Spalten wählen…</translation>
        </message>
    </context>
    <context>
        <name>Taking</name>
        <message>
            <source>Link copied. It opens this where Counterpart is installed.</source>
            <translation>Link kopiert. Er öffnet das überall, wo Counterpart installiert ist.</translation>
        </message>
        <message>
            <source>{number} copied</source>
            <translation>{number} kopiert</translation>
        </message>
        <message>
            <source>“{title}” is no longer pinned</source>
            <translation>„{title}“ ist nicht mehr angeheftet</translation>
        </message>
        <message>
            <source>“{title}” pinned</source>
            <translation>„{title}“ angeheftet</translation>
        </message>
    </context>
    <context>
        <name>TakingBack</name>
        <message>
            <source>Cancel message</source>
            <translation>Nachricht zurückziehen</translation>
        </message>
        <message>
            <source>Cancel this message?</source>
            <translation>Diese Nachricht zurückziehen?</translation>
        </message>
        <message>
            <source>Discard message</source>
            <translation>Nachricht verwerfen</translation>
        </message>
        <message>
            <source>Discard this message?</source>
            <translation>Diese Nachricht verwerfen?</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Message cancelled</source>
            <translation>Nachricht zurückgezogen</translation>
        </message>
        <message>
            <source>The text and the copies of its files are removed from this computer.</source>
            <translation>Der Text und die Kopien seiner Dateien werden von diesem Computer entfernt.</translation>
        </message>
        <message>
            <source>What you wrote is deleted from this computer.</source>
            <translation>Was Sie geschrieben haben, wird von diesem Computer gelöscht.</translation>
        </message>
    </context>
    <context>
        <name>Talk</name>
        <message>
            <source>Comment</source>
            <translation>Kommentar</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Senden</translation>
        </message>
        <message>
            <source>Send (waits to send)</source>
            <translation>Senden (wartet)</translation>
        </message>
        <message>
            <source>Write a comment</source>
            <translation>Kommentar schreiben</translation>
        </message>
    </context>
    <context>
        <name>TaskList</name>
        <message>
            <source>On their own</source>
            <translation>Für sich</translation>
        </message>
        <message>
            <source>Progress of {name}</source>
            <translation>Fortschritt: {name}</translation>
        </message>
        <message>
            <source>Tasks</source>
            <translation>Aufgaben</translation>
        </message>
        <message>
            <source>{done} of {total} accepted</source>
            <translation>{done} von {total} angenommen</translation>
        </message>
    </context>
    <context>
        <name>TaskNotices</name>
        <message>
            <source>Everything you filled in is here. Mend it and hand it in again.</source>
            <translation>Alles, was Sie ausgefüllt haben, ist hier. Korrigieren Sie es und geben Sie es erneut ab.</translation>
        </message>
        <message>
            <source>Handed in, not sent yet</source>
            <translation>Abgegeben, noch nicht gesendet</translation>
        </message>
        <message>
            <source>It goes to {vendor} as soon as what is before it has gone.</source>
            <translation>Es geht an {vendor}, sobald abgeschickt ist, was davor kommt.</translation>
        </message>
        <message>
            <source>Take it back</source>
            <translation>Zurückholen</translation>
        </message>
        <message>
            <source>What {vendor} had asked for</source>
            <translation>Worum {vendor} gebeten hatte</translation>
        </message>
        <message>
            <source>{vendor} gets it when you are back. It is kept on this computer until then.</source>
            <translation>{vendor} erhält es, wenn Sie wieder online sind. Bis dahin bleibt es auf diesem Computer.</translation>
        </message>
        <message>
            <source>{vendor} says</source>
            <translation>{vendor} schreibt</translation>
        </message>
        <message>
            <source>{vendor} sent this back</source>
            <translation>{vendor} hat das zurückgegeben</translation>
        </message>
    </context>
    <context>
        <name>TaskPane</name>
        <message>
            <source>After you hand it in</source>
            <translation>Nach dem Abgeben</translation>
        </message>
        <message>
            <source>Choose a task to read it here.</source>
            <translation>Wählen Sie eine Aufgabe, um sie hier zu lesen.</translation>
        </message>
        <message>
            <source>Due {when}</source>
            <translation>Fällig {when}</translation>
        </message>
        <message>
            <source>It is on its way already and can no longer be taken back.</source>
            <translation>Es ist bereits unterwegs und lässt sich nicht mehr zurückholen.</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>Aufgabe</translation>
        </message>
        <message>
            <source>This task is no longer shared with you.</source>
            <translation>Diese Aufgabe ist nicht mehr für Sie freigegeben.</translation>
        </message>
        <message>
            <source>What happens now</source>
            <translation>Wie es weitergeht</translation>
        </message>
        <message>
            <source>What you fill in is saved here as you type.</source>
            <translation>Was Sie ausfüllen, wird beim Tippen hier gespeichert.</translation>
        </message>
        <message>
            <source>What you filled in is kept here; the sync centre exports it.</source>
            <translation>Was Sie ausgefüllt haben, bleibt hier; die Sync-Zentrale exportiert es.</translation>
        </message>
        <message>
            <source>{does} (waits to send)</source>
            <translation>{does} (wartet aufs Senden)</translation>
        </message>
        <message>
            <source>{done}. Sent when you are back.</source>
            <translation>{done}. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
    </context>
    <context>
        <name>TaskRow</name>
        <message>
            <source>Begins after “{title}”</source>
            <translation>Beginnt nach „{title}“</translation>
        </message>
        <message>
            <source>begun</source>
            <translation>begonnen</translation>
        </message>
        <message>
            <source>not yet</source>
            <translation>noch nicht</translation>
        </message>
        <message>
            <source>waits to be sent</source>
            <translation>wartet aufs Senden</translation>
        </message>
    </context>
    <context>
        <name>TasksPage</name>
        <message>
            <source>Back to the task</source>
            <translation>Zurück zur Aufgabe</translation>
        </message>
        <message>
            <source>Hand in</source>
            <translation>Abgeben</translation>
        </message>
        <message>
            <source>No task matches “{text}”</source>
            <translation>Keine Aufgabe passt zu „{text}“</translation>
        </message>
        <message>
            <source>Nothing to hand in now</source>
            <translation>Jetzt nichts abzugeben</translation>
        </message>
        <message>
            <source>Read the document</source>
            <translation>Dokument lesen</translation>
        </message>
        <message>
            <source>Search {what}</source>
            <translation>{what} durchsuchen</translation>
        </message>
        <message>
            <source>Show all</source>
            <translation>Alle zeigen</translation>
        </message>
        <message>
            <source>The first {count} of {total} are shown. Search for the others.</source>
            <translation>Die ersten {count} von {total} werden gezeigt. Suchen Sie nach den übrigen.</translation>
        </message>
    </context>
    <context>
        <name>Thread</name>
        <message>
            <source>Messages</source>
            <translation>Nachrichten</translation>
        </message>
        <message>
            <source>Nothing has been written yet.</source>
            <translation>Noch wurde nichts geschrieben.</translation>
        </message>
        <message>
            <source>Saved here. It is sent in a moment.</source>
            <translation>Hier gespeichert. Wird gleich gesendet.</translation>
        </message>
        <message>
            <source>Saved here. Sent when you are back.</source>
            <translation>Hier gespeichert. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>Show {count} earlier messages</source>
            <translation>{count} frühere Nachrichten zeigen</translation>
        </message>
        <message>
            <source>You went offline at {time}</source>
            <translation>Offline gegangen um {time}</translation>
        </message>
    </context>
    <context>
        <name>Toast</name>
        <message>
            <source>Undo</source>
            <translation>Rückgängig</translation>
        </message>
    </context>
    <context>
        <name>TogetherPane</name>
        <message>
            <source>Last written by {who}, {when}</source>
            <translation>Zuletzt geschrieben von {who}, {when}</translation>
        </message>
        <message>
            <source>Last written {when}</source>
            <translation>Zuletzt geschrieben {when}</translation>
        </message>
        <message>
            <source>Nothing agreed yet.</source>
            <translation>Noch nichts vereinbart.</translation>
        </message>
        <message>
            <source>Write</source>
            <translation>Schreiben</translation>
        </message>
        <message>
            <source>Write {what}</source>
            <translation>{what} schreiben</translation>
        </message>
        <message>
            <source>Written by you, waits to send</source>
            <translation>Von Ihnen geschrieben, wartet aufs Senden</translation>
        </message>
        <message>
            <source>you</source>
            <translation>Sie</translation>
        </message>
    </context>
    <context>
        <name>ToldMiddle</name>
        <message>
            <source>Tries again by itself in {seconds} s</source>
            <translation>Versucht es in {seconds} s von selbst wieder</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Jetzt versuchen</translation>
        </message>
    </context>
    <context>
        <name>ToolStrip</name>
        <message>
            <source>Fit to the width again</source>
            <translation>Wieder an die Breite anpassen</translation>
        </message>
        <message>
            <source>Fit width</source>
            <translation>An Breite anpassen</translation>
        </message>
        <message>
            <source>Next page</source>
            <translation>Nächste Seite</translation>
        </message>
        <message>
            <source>Page</source>
            <translation>Seite</translation>
        </message>
        <message>
            <source>Page before</source>
            <translation>Vorige Seite</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Search in this document</source>
            <translation>In diesem Dokument suchen</translation>
        </message>
        <message>
            <source>This is the first page.</source>
            <translation>Das ist die erste Seite.</translation>
        </message>
        <message>
            <source>This is the last page.</source>
            <translation>Das ist die letzte Seite.</translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <source>of {count}</source>
            <translation>von {count}</translation>
        </message>
    </context>
    <context>
        <name>TopBar</name>
        <message>
            <source>then</source>
            <translation>dann</translation>
        </message>
    </context>
    <context>
        <name>TopicRow</name>
        <message>
            <source>Read</source>
            <translation>Lesen</translation>
        </message>
    </context>
    <context>
        <name>Tray</name>
        <message>
            <source>Counterpart goes on in the tray and keeps in step. Quit it from its menu.</source>
            <translation>Counterpart läuft in der Taskleiste weiter und bleibt auf dem Stand. Beenden Sie es im Menü dort.</translation>
        </message>
        <message>
            <source>Go online</source>
            <translation>Online gehen</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Sync now</source>
            <translation>Jetzt synchronisieren</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>Offline arbeiten</translation>
        </message>
        <message>
            <source>You work offline.</source>
            <translation>Sie arbeiten offline.</translation>
        </message>
    </context>
    <context>
        <name>UnlockMiddle</name>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>One moment: your code is tried.</source>
            <translation>Einen Moment: Der Code wird geprüft.</translation>
        </message>
        <message>
            <source>Type the code you chose, or hold your badge to the reader.</source>
            <translation>Den gewählten Code eingeben oder den Ausweis an das Lesegerät halten.</translation>
        </message>
        <message>
            <source>{name}, unlock with your code</source>
            <translation>{name}, mit dem Code entsperren</translation>
        </message>
    </context>
    <context>
        <name>UnreadyScreen</name>
        <message>
            <source>This screen is not set up yet</source>
            <translation>Dieser Bildschirm ist noch nicht eingerichtet</translation>
        </message>
        <message>
            <source>This screen is not set up yet: {cause}</source>
            <translation>Dieser Bildschirm ist noch nicht eingerichtet: {cause}</translation>
        </message>
    </context>
    <context>
        <name>UpdatesSection</name>
        <message>
            <source>Beta</source>
            <translation>Beta</translation>
        </message>
        <message>
            <source>Beta comes earlier and is less tried.</source>
            <translation>Beta kommt früher und ist weniger erprobt.</translation>
        </message>
        <message>
            <source>Check for updates</source>
            <translation>Nach Aktualisierungen suchen</translation>
        </message>
        <message>
            <source>Fetching: {size}.</source>
            <translation>Wird geholt: {size}.</translation>
        </message>
        <message>
            <source>It looks right now.</source>
            <translation>Es wird gerade gesucht.</translation>
        </message>
        <message>
            <source>It starts next time. What you have typed is kept.</source>
            <translation>Sie startet beim nächsten Mal. Was getippt ist, bleibt.</translation>
        </message>
        <message>
            <source>Last checked {moment}.</source>
            <translation>Zuletzt gesucht: {moment}.</translation>
        </message>
        <message>
            <source>Looking for a newer version.</source>
            <translation>Es wird nach einer neueren Version gesucht.</translation>
        </message>
        <message>
            <source>New versions</source>
            <translation>Neue Versionen</translation>
        </message>
        <message>
            <source>Not checked yet.</source>
            <translation>Noch nicht gesucht.</translation>
        </message>
        <message>
            <source>Off</source>
            <translation>Aus</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Bereit</translation>
        </message>
        <message>
            <source>Restart now</source>
            <translation>Jetzt neu starten</translation>
        </message>
        <message>
            <source>Set back</source>
            <translation>Zurückgesetzt</translation>
        </message>
        <message>
            <source>Stable</source>
            <translation>Stabil</translation>
        </message>
        <message>
            <source>Understood</source>
            <translation>Verstanden</translation>
        </message>
        <message>
            <source>Updates</source>
            <translation>Aktualisierungen</translation>
        </message>
        <message>
            <source>Version</source>
            <translation>Version</translation>
        </message>
        <message>
            <source>Version {version}</source>
            <translation>Version {version}</translation>
        </message>
        <message>
            <source>Version {version} did not come up, so {running} runs again. It is not taken once more.</source>
            <translation>Version {version} kam nicht hoch, daher läuft wieder {running}. Sie wird nicht noch einmal genommen.</translation>
        </message>
        <message>
            <source>Version {version} is ready</source>
            <translation>Version {version} ist bereit</translation>
        </message>
        <message>
            <source>What is new</source>
            <translation>Was neu ist</translation>
        </message>
        <message>
            <source>{channel}, set by your organisation.</source>
            <translation>{channel}, von Ihrer Organisation festgelegt.</translation>
        </message>
    </context>
    <context>
        <name>Veil</name>
        <message>
            <source>Covered window</source>
            <translation>Verdecktes Fenster</translation>
        </message>
    </context>
    <context>
        <name>Versions</name>
        <message>
            <source>Version {version} is ready; it starts next time.</source>
            <translation>Version {version} ist bereit; sie startet beim nächsten Mal.</translation>
        </message>
        <message>
            <source>What is new</source>
            <translation>Was neu ist</translation>
        </message>
    </context>
    <context>
        <name>Watch</name>
        <message>
            <source>Almost there</source>
            <translation>Fast fertig</translation>
        </message>
        <message>
            <source>Stopping</source>
            <translation>Wird angehalten</translation>
        </message>
    </context>
    <context>
        <name>WindowCard</name>
        <message>
            <source>Now</source>
            <translation>Jetzt</translation>
        </message>
        <message>
            <source>asked for</source>
            <translation>erbeten</translation>
        </message>
        <message>
            <source>{days} left</source>
            <translation>noch {days}</translation>
        </message>
    </context>
    <context>
        <name>WindowCommands</name>
        <message>
            <source>Add a vendor</source>
            <translation>Anbieter hinzufügen</translation>
        </message>
        <message>
            <source>All keys</source>
            <translation>Alle Tasten</translation>
        </message>
        <message>
            <source>Appearance as the system</source>
            <translation>Darstellung wie das System</translation>
        </message>
        <message>
            <source>Check both sides</source>
            <translation>Beide Seiten prüfen</translation>
        </message>
        <message>
            <source>Check this computer</source>
            <translation>Diesen Computer prüfen</translation>
        </message>
        <message>
            <source>Dark appearance</source>
            <translation>Dunkle Darstellung</translation>
        </message>
        <message>
            <source>Do, go to, or find anything</source>
            <translation>Tun, gehen oder etwas finden</translation>
        </message>
        <message>
            <source>Go online</source>
            <translation>Online gehen</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>High contrast</source>
            <translation>Hoher Kontrast</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>Light appearance</source>
            <translation>Helle Darstellung</translation>
        </message>
        <message>
            <source>Next pane</source>
            <translation>Nächster Bereich</translation>
        </message>
        <message>
            <source>Search this page</source>
            <translation>Diese Seite durchsuchen</translation>
        </message>
        <message>
            <source>Send what waits</source>
            <translation>Wartendes senden</translation>
        </message>
        <message>
            <source>Sending what waits</source>
            <translation>Wartendes wird gesendet</translation>
        </message>
        <message>
            <source>Show all keys</source>
            <translation>Alle Tasten zeigen</translation>
        </message>
        <message>
            <source>Still offline. It is sent when you are back.</source>
            <translation>Noch offline. Wird gesendet, wenn Sie wieder online sind.</translation>
        </message>
        <message>
            <source>Switch to {vendor}</source>
            <translation>Zu {vendor} wechseln</translation>
        </message>
        <message>
            <source>Sync centre</source>
            <translation>Sync-Zentrale</translation>
        </message>
        <message>
            <source>Undo the last change</source>
            <translation>Letzte Änderung rückgängig machen</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>Offline arbeiten</translation>
        </message>
        <message>
            <source>Your company</source>
            <translation>Ihre Firma</translation>
        </message>
        <message>
            <source>account sign in</source>
            <translation>konto anmelden</translation>
        </message>
        <message>
            <source>account vendor</source>
            <translation>konto anbieter</translation>
        </message>
        <message>
            <source>doctor diagnostics network proxy certificate clock support</source>
            <translation>Doktor Diagnose Netz Proxy Zertifikat Uhr Support</translation>
        </message>
        <message>
            <source>how to explain</source>
            <translation>wie erklären anleitung</translation>
        </message>
        <message>
            <source>new create</source>
            <translation>neu anlegen erstellen</translation>
        </message>
        <message>
            <source>offline online network</source>
            <translation>offline online netz verbindung</translation>
        </message>
        <message>
            <source>shortcuts help</source>
            <translation>tastenkürzel hilfe</translation>
        </message>
        <message>
            <source>show list</source>
            <translation>zeigen Liste</translation>
        </message>
        <message>
            <source>sync send now retry outbox</source>
            <translation>senden jetzt wiederholen postausgang sync</translation>
        </message>
        <message>
            <source>theme colours</source>
            <translation>farben darstellung kontrast</translation>
        </message>
        <message>
            <source>verify proof prove recheck identical</source>
            <translation>prüfen nachweis beweisen abgleich identisch</translation>
        </message>
        <message>
            <source>{job}: not possible for {record}.</source>
            <translation>{job}: bei {record} nicht möglich.</translation>
        </message>
        <message>
            <source>{job}: open what it is about first.</source>
            <translation>{job}: Öffnen Sie zuerst, worum es geht.</translation>
        </message>
    </context>
    <context>
        <name>WindowTile</name>
        <message>
            <source>Nothing due</source>
            <translation>Nichts fällig</translation>
        </message>
        <message>
            <source>Nothing waits for you</source>
            <translation>Nichts wartet auf Sie</translation>
        </message>
        <message>
            <source>shown now</source>
            <translation>jetzt gezeigt</translation>
        </message>
        <message>
            <source>{count} waiting for you</source>
            <translation>{count} warten auf Sie</translation>
        </message>
    </context>
    <context>
        <name>WritingBox</name>
        <message>
            <source>Add files</source>
            <translation>Dateien hinzufügen</translation>
        </message>
        <message>
            <source>Remove {name}</source>
            <translation>{name} entfernen</translation>
        </message>
        <message>
            <source>Write something, or add a file.</source>
            <translation>Schreiben Sie etwas, oder fügen Sie eine Datei hinzu.</translation>
        </message>
    </context>
</TS>
